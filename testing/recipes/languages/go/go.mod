module hammer

go 1.21

require github.com/kvasir-kv/kvasir/sdks/go v0.0.0

replace github.com/kvasir-kv/kvasir/sdks/go => ../../../../sdks/go
