#!/bin/sh
# The main job from end to end: a student fine-tunes and submits, an instructor checks.
# Usage: scripts/demo.sh [FOLDER] [SOURCE] [CLASSES] [BACKBONE]   (make demo fills them in)
set -eu

folder=${1:-build/demo}
source=${2:-digits}
if [ "$source" = digits ]; then
    classes=${3:-even,odd}
    backbone=${4:-tf_efficientnet_lite0}
    assignment=demo
else
    classes=${3:-Coffee,Dog}
    backbone=${4:-resnet18}
    assignment=hw4
fi
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold='\033[1m' plain='\033[0m'; else bold='' plain=''; fi
step() { printf "\n$bold== %s$plain\n" "$*"; }

if [ -e "$folder" ]; then
    echo "$folder exists: continuing there (rm -rf $folder starts anew)"
fi
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
homework=$folder/homework
remote=$folder/remote.git
deadline="$(date -d tomorrow +%Y-%m-%d 2>/dev/null || date -v+1d +%Y-%m-%d) 23:59"

# The demo's student is nobody: a name of its own, and nothing of your git settings.
export GIT_AUTHOR_NAME="Demo Student" GIT_AUTHOR_EMAIL="student@example.org"
export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"

step "1. A student starts: make student"
if [ ! -d "$homework" ]; then
    python scripts/student.py "$homework" --student DEMO01 --source "$source" --classes "$classes" \
        --backbone "$backbone" --deadline "$deadline" --assignment "$assignment"
    git init --quiet --bare --initial-branch=main "$remote"
    git -C "$homework" remote add origin "$remote"
fi

step "2. Data, training in two phases, evaluation, report: make data train evaluate report"
for target in data train evaluate report; do
    make --no-print-directory -C "$homework" PYTHON=python "$target"
done

step "3. The student commits and submits: make submit"
git -C "$homework" add --all
git -C "$homework" diff --cached --quiet || git -C "$homework" commit --quiet --message="Hand in homework 4"
make --no-print-directory -C "$homework" PYTHON=python submit

step "4. The instructor grades: grader check"
status=0
grader check "file://$remote" --assignment "$assignment" --deadline "$deadline" --evidence "$folder/evidence.json" || status=$?

step "Where things are"
cat <<END
  repository   $homework
  report       $homework/report.pdf
  evidence     $folder/evidence.json

Try next:
  the same verdict again, from the saved evidence
    .venv/bin/grader judge $folder/evidence.json
  what a check looks for, and its settings
    .venv/bin/grader explain splits
  a repository of your own
    make student DEST=../my-homework
END
exit $status
