package part

import "syscall"

// A part has its own group, so that a Ctrl-C in the terminal reaches only us and we stop
// it in order; if we are killed ourselves, the kernel kills it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
