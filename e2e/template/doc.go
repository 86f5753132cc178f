// Package infra tests template.yaml, sam.mk and events/ against each other and against
// what AWS demands but neither CloudFormation nor its linters check. It deploys
// nothing and needs nothing but the Go toolchain. Run by `make test`.
package infra
