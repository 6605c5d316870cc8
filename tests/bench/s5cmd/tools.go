//go:build tools

// Package tools pins what `make bench` builds; go.sum holds the hashes.
package tools

import _ "github.com/peak/s5cmd/v2"
