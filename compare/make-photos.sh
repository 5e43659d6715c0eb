#!/bin/sh
# Makes the photographs that the decoders are measured on, in compare/photos (untracked). The
# pictures are from Debian's libjxl-testdata: `flower` (BSD-3-Clause) and `bliznaca` (CC0). The
# screenshot is `patches_lossless` of the corpus.
# Needs: apt-get install libjxl-tools libjxl-testdata netpbm
set -eu

data=/usr/share/libjxl-testdata
out=$(dirname "$0")/photos
corpus=$(dirname "$0")/../../shared/corpus
parts=$(mktemp -d)
trap 'rm -r "$parts"' EXIT
mkdir -p "$out"

# The picture of 12 megapixels is the flower and its mirror images side by side: an enlarged flower
# would lack detail.
pngtopnm "$data/jxl/flower/flower.png" >"$parts/flower.ppm"
pamflip -lr "$parts/flower.ppm" >"$parts/mirrored.ppm"
pnmcat -lr "$parts/flower.ppm" "$parts/mirrored.ppm" >"$parts/upper.ppm"
pamflip -tb "$parts/upper.ppm" >"$parts/lower.ppm"
pnmcat -tb "$parts/upper.ppm" "$parts/lower.ppm" | pamcut -left 136 -top 90 -width 4256 -height 2832 >"$parts/12mp.ppm"
pamcut -left 240 -top 150 -width 1800 -height 1200 "$parts/flower.ppm" >"$parts/2mp.ppm"
pamcut -left 900 -top 500 -width 512 -height 512 "$parts/flower.ppm" >"$parts/512px.ppm"
pngtopnm "$data/external/wesaturate/500px/u76c0g_bliznaca_srgb8.png" >"$parts/bliznaca.ppm"
# Pictures for the traces of compare/replay and frame-arena-trace.
pamcut -left 200 -top 300 -width 3840 -height 2160 "$parts/12mp.ppm" >"$parts/4k.ppm"
pamcut -left 0 -top 200 -width 1280 -height 800 "$parts/2mp.ppm" >"$parts/1mp.ppm"
pamscale -xyfit 160 120 "$parts/2mp.ppm" >"$parts/thumbnail.ppm"
pgmramp -lr 1800 1200 >"$parts/ramp.pgm"
pnmtopng -quiet -alpha "$parts/ramp.pgm" "$parts/2mp.ppm" >"$parts/2mp-alpha.png"
pgmramp -lr 4256 2832 >"$parts/ramp.pgm"
pnmtopng -quiet -compression 1 -alpha "$parts/ramp.pgm" "$parts/12mp.ppm" >"$parts/12mp-alpha.png"
pnmtojpeg -quality=90 "$parts/2mp.ppm" >"$parts/2mp.jpg"
cjxl --quiet --lossless_jpeg=1 "$parts/2mp.jpg" "$out/2mp-jpeg.jxl"
# cjxl squeezes alpha by default.
for name in 2mp 12mp; do
    cjxl --quiet --distance 1 "$parts/$name-alpha.png" "$out/$name-alpha-d1.jxl"
    cjxl --quiet --distance 1 --responsive=0 "$parts/$name-alpha.png" "$out/$name-alpha-unsqueezed-d1.jxl"
done
cjxl --quiet -x color_space=RGB_D65_SRG_Rel_SRG --modular=1 --distance 1 "$parts/2mp.ppm" "$out/2mp-modular-d1.jxl"
cjxl --quiet "$data/jxl/animation_patches.gif" --distance 1 "$out/animation-d1.jxl"

# Pictures of the classes in decoders/goals.toml.
for side in 64 128 256; do
    pamcut -left 128 -top 128 -width $side -height $side "$parts/512px.ppm" >"$parts/${side}px.ppm"
done
pamdepth 65535 "$parts/flower.ppm" | pamscale -xsize 320 -ysize 256 >"$parts/16-bit.ppm"
pamscale -xsize 320 -ysize 256 "$parts/flower.ppm" >"$parts/8-bit.ppm"
djxl --quiet "$corpus/conformance/patches_lossless.jxl" "$parts/screenshot.png"
pngtopnm "$parts/screenshot.png" | pamcut -width 640 -height 480 >"$parts/screenshot.ppm"
pamdepth 3 "$parts/512px.ppm" | pamdepth 255 >"$parts/palette.ppm"

for name in 8-bit 16-bit screenshot palette; do
    for effort in 3 7; do
        cjxl --quiet -x color_space=RGB_D65_SRG_Rel_SRG --distance 0 --effort $effort --patches=0 \
            "$parts/$name.ppm" "$out/$name-lossless-e$effort.jxl"
    done
done

for name in 64px 128px 256px 512px 1mp 2mp 12mp 4k thumbnail bliznaca; do
    cjxl --quiet -x color_space=RGB_D65_SRG_Rel_SRG --distance 1 "$parts/$name.ppm" "$out/$name-d1.jxl"
done
# Progressive by an LF frame: cjxl 0.7 writes no passes, whatever its options.
for name in 4k 12mp; do
    cjxl --quiet -x color_space=RGB_D65_SRG_Rel_SRG --distance 1 --progressive_dc=1 "$parts/$name.ppm" "$out/$name-d1-progressive.jxl"
done
for name in 512px 12mp; do
    cjxl --quiet -x color_space=RGB_D65_SRG_Rel_SRG --distance 0 --effort 3 "$parts/$name.ppm" "$out/$name-lossless-e3.jxl"
done
cjxl --quiet -x color_space=RGB_D65_SRG_Rel_SRG --distance 0 --effort 7 "$parts/2mp.ppm" "$out/2mp-lossless-e7.jxl"
ls -l "$out"
