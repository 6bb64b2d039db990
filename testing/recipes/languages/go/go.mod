module hammer

go 1.21

require kvasir v0.0.0

replace kvasir => ../../../../sdks/go
