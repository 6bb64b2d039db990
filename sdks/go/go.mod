module kvasir

go 1.21
