package kvasir

import (
	"bufio"
	"encoding/json"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
)

// control is the channel to the parent process: JSON lines on an inherited descriptor.
type control struct {
	mutex sync.Mutex
	file  *os.File
}

func openControl() *control {
	return &control{file: inherited("KVASIR_CONTROL_FD")}
}

func (c *control) tell(message map[string]any) {
	if c.file == nil {
		if text, isError := message["message"]; isError {
			log.Print(text)
		}
		return
	}
	line, _ := json.Marshal(message)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	_, _ = c.file.Write(append(line, '\n'))
}

func (c *control) listen(f *function, stop chan<- os.Signal) {
	if c.file == nil {
		return
	}
	go func() {
		lines := bufio.NewScanner(c.file)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"ping"`) {
				requests, abandoned := f.counts()
				c.tell(map[string]any{"event": "pong", "abandoned": abandoned, "requests": requests, "tasks": 0})
			}
		}
		// The parent process has ended.
		stop <- syscall.SIGTERM
	}()
}

func listen() (net.Listener, error) {
	if file := inherited("KVASIR_LISTEN_FD"); file != nil {
		closeInherited()
		defer file.Close()
		return net.FileListener(file)
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
}
