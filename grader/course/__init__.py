"""Many submissions: a class measured, its gradebook and pages, who resembles whom."""
