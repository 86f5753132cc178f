package main

import "context"

type neighbourhood struct{}
type estimate struct{}

func (s *server) neighbours(ctx context.Context, p *page) error { return nil }
func (s *server) estimate(ctx context.Context, p *page) error   { return nil }
func (s *server) newest(ctx context.Context, p *page) (markup, error) { return "", nil }
func (p page) neighbours() markup { return "" }
func (p page) costs() markup      { return "" }
