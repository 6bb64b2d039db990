module github.com/kvasir-kv/kvasir/sdks/go

go 1.21
