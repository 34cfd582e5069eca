import type { Slice, SliceLayout, SliceStore } from '../../model/index.ts';
import { HeapSlice } from '../../state/index.ts';
import type { MergeJobs } from './merge-jobs.ts';
import type { SliceEdges } from './slice-edges.ts';

/**
 * Merged stretches of 2, 4, 8, ... slides, so that a window of 600 slides is put together from some 18 of them.
 *
 *   level 2   |       0..3        |       4..7        |
 *   level 1   |  0..1   |  2..3   |  4..5   |  6..7   |      window of slides 1 to 6: 1 + 2..3 + 4..5 + 6
 *   slides    | 0  | 1  | 2  | 3  | 4  | 5  | 6  | 7  |
 *
 * Only a cache over the slices: built when first needed, once all of its slides have passed; a late record undoes the
 * blocks over its slide; slides that go take theirs along. Not part of a snapshot.
 */
export class SliceBlocks {
  private readonly store: SliceStore<unknown>;
  private readonly edges: SliceEdges;
  private readonly layout: SliceLayout;
  /** Blocks by level, then by their number on it. Level 0 are the slides themselves, which are not kept here. */
  private readonly levels: Map<number, Slice<unknown>>[] = [];

  constructor(store: SliceStore<unknown>, edges: SliceEdges, layout: SliceLayout) {
    this.store = store;
    this.edges = edges;
    this.layout = layout;
  }

  /** A slice of its own, for results. */
  scratch(): Slice<unknown> {
    return new HeapSlice<unknown>(NaN, NaN, this.layout);
  }

  /**
   * What the window that begins with slide `first` is made of. With `jobs` blocks that are missing are made, by jobs that
   * must be done before the parts are read; without, what they would be made of is given instead.
   */
  partsOf(first: number, jobs: MergeJobs | undefined): Slice<unknown>[] {
    const { wholeSlides, cutMs } = this.edges;
    const parts: Slice<unknown>[] = [];
    const end = first + wholeSlides;
    for (let slide = first; slide < end;) {
      let level = 0;
      while (slide % 2 ** (level + 1) === 0 && slide + 2 ** (level + 1) <= end) level++;
      this.collect(level, slide / 2 ** level, jobs, parts);
      slide += 2 ** level;
    }
    const last = cutMs === 0 ? undefined : this.store.get(this.edges.slideAt(end));
    if (last !== undefined) parts.push(last);
    return parts;
  }

  /** A slide has changed, or gone. */
  forget(slide: number): void {
    for (let i = 0; i < this.levels.length; i++) this.levels[i]?.delete(Math.floor(slide / 2 ** (i + 1)));
  }

  private collect(level: number, number: number, jobs: MergeJobs | undefined, parts: Slice<unknown>[]): void {
    if (level === 0) {
      this.collectSlide(number, parts);
      return;
    }
    const known = this.levels[level - 1]?.get(number);
    if (known !== undefined) {
      if (known.size > 0) parts.push(known);
      return;
    }
    const children: Slice<unknown>[] = jobs === undefined ? parts : [];
    this.collect(level - 1, 2 * number, jobs, children);
    this.collect(level - 1, 2 * number + 1, jobs, children);
    if (jobs === undefined) return;
    const block = this.scratch();
    for (const child of children) jobs.add(child, block);
    for (let i = this.levels.length; i < level; i++) this.levels.push(new Map());
    this.levels[level - 1]?.set(number, block);
    if (children.length > 0) parts.push(block);
  }

  private collectSlide(slide: number, parts: Slice<unknown>[]): void {
    const { edges, store } = this;
    const start = edges.slideAt(slide);
    const first = store.get(start);
    if (first !== undefined) parts.push(first);
    const second = edges.cutMs === 0 ? undefined : store.get(start + edges.cutMs);
    if (second !== undefined) parts.push(second);
  }
}
