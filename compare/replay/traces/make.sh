#!/bin/sh
# Records the traces in this folder anew, and the trace of the example of frame-arena-trace. Each is
# one decode of all pictures of a file on one thread. Needs the pictures of compare/make-photos.sh,
# and for `progressive` the corpus next to the repository (jxl-rs's test resource of three passes).
# `whole-*` are the heap allocations of jxl-oxide, which holds a picture in whole planes.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
photos=$root/compare/photos
corpus=$root/../shared/corpus
traces=$root/compare/replay/traces
parts=$(mktemp -d)
trap 'rm -r "$parts"' EXIT
cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p jxl-arena

record() {
    out=$1 picture=$2 what=$3
    "$root/target/release/jxl-arena" decode "$picture" "$parts/out.png" --threads 1 --record "$parts/out.trace"
    {
        head -n 1 "$parts/out.trace"
        echo "# $what, decoded once by jxl-arena on one thread."
        tail -n +2 "$parts/out.trace"
    } >"$out.trace"
}

record "$traces/lossless" "$photos/2mp-lossless-e7.jxl" 'Lossless photograph, 1800 x 1200, effort 7'
record "$traces/vardct" "$photos/2mp-d1.jxl" 'VarDCT photograph, 1800 x 1200, distance 1'
record "$root/trace/examples/groups" "$photos/1mp-d1.jxl" 'VarDCT photograph, 1280 x 800, distance 1'
record "$traces/jpeg" "$photos/2mp-jpeg.jxl" 'Recompressed JPEG, 1800 x 1200, 4:2:0'
record "$traces/progressive" "$corpus/features/progressive_ac.jxl" 'VarDCT photograph of three passes, 2268 x 1512'
record "$traces/alpha" "$photos/2mp-alpha-d1.jxl" 'VarDCT photograph with alpha, 1800 x 1200, distance 1'
record "$traces/thumbnail" "$photos/thumbnail-d1.jxl" 'VarDCT thumbnail, 160 x 107'
record "$traces/animation" "$photos/animation-d1.jxl" 'Animation of two pictures, 700 x 175, with patches and alpha, distance 1'
record "$traces/4k" "$photos/4k-d1.jxl" 'VarDCT photograph, 3840 x 2160, distance 1'

cargo build --quiet --release --manifest-path "$root/compare/Cargo.toml" -p compare-replay
record_heap() {
    "$root/compare/target/release/record_heap" "$photos/$2" "$traces/$1.trace"
}
record_heap whole-lossless 2mp-lossless-e7.jxl
record_heap whole-vardct 2mp-d1.jxl
record_heap whole-4k 4k-d1.jxl
ls -l "$traces"
