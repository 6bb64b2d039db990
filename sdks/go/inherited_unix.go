//go:build unix

package kvasir

import (
	"os"
	"strconv"
	"syscall"
)

// inherited returns the file at the descriptor in an environment variable, or nil if the variable is not set.
func inherited(variable string) *os.File {
	fd, err := strconv.Atoi(os.Getenv(variable))
	if err != nil {
		return nil
	}
	// Programs that the function starts must not inherit it.
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), variable)
}

// closeInherited closes descriptors that were inherited by accident. Kvasir's database is one of them,
// because LMDB does not mark it close-on-exec. Descriptors that Go or inherited has opened are close-on-exec.
func closeInherited() {
	names, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, name := range names {
		fd, err := strconv.Atoi(name.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		if errno == 0 && flags&syscall.FD_CLOEXEC == 0 {
			_ = syscall.Close(fd)
		}
	}
}
