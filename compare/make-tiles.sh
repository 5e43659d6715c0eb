#!/usr/bin/env bash
# Draws a picture like that of a sensor, 16 bits a sample, and encodes its tiles of 256 x 256 without
# loss: `make-tiles.sh FOLDER`. Needs Debian's libjxl-tools and python3.
set -euo pipefail

folder=$1
mkdir -p "$folder"
python3 - "$folder" <<'END'
import sys

# Tiles across and down, and their size.
COLUMNS, ROWS, SIZE = 10, 10, 256

state = 1
for row in range(ROWS):
    for column in range(COLUMNS):
        samples = bytearray()
        for y in range(row * SIZE, (row + 1) * SIZE):
            for x in range(column * SIZE, (column + 1) * SIZE):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                # A bright disc on a ramp, of two colors of a mosaic, with noise of 7 bits.
                is_inside = (x - 1200) ** 2 + (y - 1100) ** 2 < 700 ** 2
                light = 9000 + 8 * x + 5 * y + 14000 * is_inside
                green = 3000 * ((x + y) % 2)
                sample = light + green + (state >> 16) % 128
                samples += sample.to_bytes(2, "big")
        with open(f"{sys.argv[1]}/tile-{row}{column}.pgm", "wb") as file:
            file.write(b"P5\n%d %d\n65535\n" % (SIZE, SIZE) + samples)
END
for picture in "$folder"/tile-*.pgm; do
    cjxl --quiet -d 0 -e 3 "$picture" "${picture%.pgm}.jxl" 2>/dev/null
    rm "$picture"
done
