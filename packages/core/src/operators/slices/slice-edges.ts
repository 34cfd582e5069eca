import type { AlignedWindows } from '../../model/index.ts';
import { windowStart } from '../../windows/index.ts';

/**
 * Where slices are cut: at the starts and at the ends of windows, so that every window is a whole number of slices.
 *
 *   size 10, slide 4:   windows start at 0 4 8 ..., end at 10 14 18 ...; 10 % 4 = 2
 *   slides   |0       |4       |8       |12
 *   slices   [0,2)[2,4)[4,6)[6,8)[8,10)[10,12) ...     window [0,10) = five slices
 *
 * A size that is a multiple of the slide gives one slice per slide, any other two. With a slide longer than the size the
 * second one is a gap, which belongs to no window.
 */
export class SliceEdges {
  readonly sizeMs: number;
  readonly slideMs: number;
  /** Where within a slide windows end; 0: at its start. */
  readonly cutMs: number;
  /** Slides that a window holds as a whole. */
  readonly wholeSlides: number;
  private readonly offsetMs: number;

  constructor({ sizeMs, slideMs, offsetMs }: AlignedWindows) {
    this.sizeMs = sizeMs;
    this.slideMs = slideMs;
    this.offsetMs = offsetMs;
    this.cutMs = sizeMs % slideMs;
    this.wholeSlides = Math.floor(sizeMs / slideMs);
  }

  /** Start of the newest window that begins at or before `timestampMs`; its slide begins there, too. */
  slideStart(timestampMs: number): number {
    return windowStart(timestampMs, this.offsetMs, this.slideMs);
  }

  /** Number of the slide that begins at `startMs`. */
  slideIndex(startMs: number): number {
    return Math.round((startMs - this.offsetMs) / this.slideMs);
  }

  /** The inverse of `slideIndex`. */
  slideAt(index: number): number {
    return index * this.slideMs + this.offsetMs;
  }

  /** Start of the slice that holds a timestamp; NaN in a gap. */
  sliceStart(timestampMs: number): number {
    const start = this.slideStart(timestampMs);
    if (this.cutMs === 0 || timestampMs < start + this.cutMs) return start;
    return this.wholeSlides === 0 ? NaN : start + this.cutMs;
  }

  sliceEnd(sliceStart: number): number {
    const start = this.slideStart(sliceStart);
    return sliceStart === start && this.cutMs > 0 ? start + this.cutMs : start + this.slideMs;
  }

  /** Start of the oldest window that holds a slice. */
  oldestWindow(sliceStart: number, sliceEnd: number): number {
    const newest = this.slideStart(sliceStart);
    return newest - Math.floor((newest + this.sizeMs - sliceEnd) / this.slideMs) * this.slideMs;
  }
}
