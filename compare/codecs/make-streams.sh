#!/usr/bin/env bash
# Makes the streams that the codecs decode, of pictures that ffmpeg draws: make-streams.sh FOLDER.
# Needs Debian's ffmpeg and libjxl-tools. Streams that are there stay.
set -euo pipefail

folder=$1
mkdir -p "$folder"

# make NAME WIDTHxHEIGHT FORMAT ENCODER-OPTIONS...
make() {
    local name=$1 size=$2 format=$3
    shift 3
    [[ -s $folder/$name ]] && return
    ffmpeg -v error -y -f lavfi -i "mandelbrot=size=$size:rate=25,noise=alls=4:allf=t" -frames:v 48 \
        -pix_fmt "$format" -threads 1 "$@" "$folder/partial-$name"
    mv "$folder/partial-$name" "$folder/$name"
}

for size in 320x180 640x360 848x480 1280x720 1920x1080; do
    make "av1-$size.ivf" "$size" yuv420p -c:v libsvtav1 -preset 12 -crf 40
done
make av1-640x360-10bit.ivf 640x360 yuv420p10le -c:v libsvtav1 -preset 12 -crf 40

# still NAME WIDTHxHEIGHT ENCODER-OPTIONS...
still() {
    local name=$1 size=$2
    shift 2
    [[ -s $folder/$name ]] && return
    ffmpeg -v error -y -f lavfi -i "mandelbrot=size=$size,noise=alls=8" -frames:v 1 "$@" "$folder/partial-$name"
    mv "$folder/partial-$name" "$folder/$name"
}

for size in 320x240 640x480 2048x1536; do
    still "still-$size.png" "$size" -pix_fmt rgb24
    still "still-$size.tiff" "$size" -pix_fmt rgb24 -compression_algo deflate
    still "still-$size.exr" "$size" -pix_fmt gbrpf32le -compression zip16
    still "still-$size.jp2" "$size" -pix_fmt rgb24 -c:v libopenjpeg -format jp2
    still "still-$size.jpg" "$size" -pix_fmt yuvj420p -q:v 4
    still "still-$size.webp" "$size" -quality 80
    if [[ ! -s $folder/still-$size.jxl ]]; then
        cjxl "$folder/still-$size.png" "$folder/still-$size.jxl" -d 1 -e 3 --quiet
    fi
done

for size in 320x180 640x360 1280x720; do
    make "hevc-$size.h265" "$size" yuv420p -c:v libx265 -preset ultrafast -x265-params log-level=error:pools=1 -f hevc
done
make hevc-640x360-10bit.h265 640x360 yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=error:pools=1 -f hevc

for size in 320x180 640x360 1280x720; do
    make "vp9-$size.ivf" "$size" yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 1M
done

for size in 320x180 640x360 1280x720; do
    make "h264-$size.h264" "$size" yuv420p -c:v libx264 -preset fast -f h264
    make "mjpeg-$size.mjpeg" "$size" yuvj420p -c:v mjpeg -q:v 5 -f mjpeg
done
make h264-640x360-10bit.h264 640x360 yuv420p10le -c:v libx264 -preset fast -f h264

