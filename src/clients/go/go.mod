module virq.dev/virq

go 1.19
