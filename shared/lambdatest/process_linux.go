package lambdatest

import "syscall"

// ownGroup keeps a terminal's Ctrl-C from the function, and the function from outliving us.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
