"""`make bench-quick`: has a workload come to cost twice the CPU that it did when its figures were stored?"""
