// A program of another module. Its go.mod asks for a version of Kvasir's, as of any other.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

func main() {
	ctx := context.Background()
	kv := kvasir.New(os.Args[1], "").Namespace(os.Args[2])
	before, err := kv.Position(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := kv.Put(ctx, "user:1", []byte("Ada"), nil); err != nil {
		log.Fatal(err)
	}
	for change, err := range kv.Watch(ctx, &kvasir.WatchOptions{Since: before, Prefix: "user:"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(change.Type, change.Key)
		break
	}
	for key, err := range kv.Keys(ctx, &kvasir.ListOptions{Prefix: "user:", Values: true}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(key.Value)
	}
}
