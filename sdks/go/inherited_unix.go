//go:build unix

package kvasir

import (
	"os"
	"strconv"
	"syscall"
)

// inherited is the file at a descriptor that an environment variable names, nil when it names none.
func inherited(variable string) *os.File {
	fd, err := strconv.Atoi(os.Getenv(variable))
	if err != nil {
		return nil
	}
	// Programs that the function starts must not find it.
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), variable)
}
