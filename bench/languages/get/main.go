// Reads one key again and again over one connection, like get.py: `get kvasir URL NAMESPACE TOKEN` or `get redis PORT`.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/redis/go-redis/v9"
)

var value = strings.Repeat("x", 100)

func main() {
	read := reader(os.Args[1], os.Args[2:])
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		wanted, err := strconv.ParseFloat(lines.Text(), 64)
		check(err)
		count, began, cpu := 0, time.Now(), cpuSeconds()
		for time.Since(began).Seconds() < wanted {
			check(read())
			count++
		}
		seconds := time.Since(began).Seconds()
		check(json.NewEncoder(os.Stdout).Encode(map[string]any{
			"requests": count, "seconds": seconds, "cpu": cpuSeconds() - cpu,
		}))
	}
}

func reader(which string, args []string) func() error {
	ctx := context.Background()
	if which == "kvasir" {
		kv := kvasir.New(args[0], args[2]).Namespace(args[1])
		_, err := kv.Put(ctx, "key", []byte(value), nil)
		check(err)
		return func() error { _, err := kv.Get(ctx, "key"); return err }
	}
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + args[0]})
	check(client.Set(ctx, "key", value, 0).Err())
	return func() error { return client.Get(ctx, "key").Err() }
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
