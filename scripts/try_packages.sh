#!/usr/bin/env bash
# Installs each package of a folder into an environment that has nothing else, and tries it there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
packages=("$(realpath "${1:-dist}")"/*)
cd "$folder" # where Python finds no source of ours
for package in "${packages[@]}"; do
    echo "trying $(basename "$package") ..."
    python3 -m venv --clear try
    try/bin/python -m pip install --quiet --disable-pip-version-check "$package"
    try/bin/grader --version
    try/bin/grader spec lint hw4
    try/bin/grader explain splits >/dev/null
done
