//go:build expr

package lambdatest

const expr = ",expr"
