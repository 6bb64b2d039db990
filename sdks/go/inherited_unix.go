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

// closeInherited closes descriptors that nobody means to hand over: Kvasir's database is one of them, since
// LMDB does not mark it. Whatever Go itself has opened is close-on-exec, and so is what inherited took.
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
