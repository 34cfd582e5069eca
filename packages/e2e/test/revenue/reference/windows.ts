import { decimalText, roundedQuotient } from './decimal-text.ts';
import type { Order } from './order.ts';

interface Total {
  count: number;
  cents: bigint;
}

/** Totals per window and category, for ever: nothing is fired, late orders are simply not added. */
export class Windows {
  private readonly totals = new Map<number, Map<string, Total>>();
  private readonly sizeMs: number;

  constructor(sizeMs: number) {
    this.sizeMs = sizeMs;
  }

  startOf(timeMs: number): number {
    const size = BigInt(this.sizeMs);
    const time = BigInt(timeMs);
    return Number(time - (((time % size) + size) % size));
  }

  isLate(timeMs: number, watermark: number): boolean {
    return this.startOf(timeMs) + this.sizeMs - 1 <= watermark;
  }

  add({ timeMs, category, cents }: Order): void {
    const start = this.startOf(timeMs);
    const categories = this.totals.get(start) ?? new Map<string, Total>();
    this.totals.set(start, categories);
    const total = categories.get(category) ?? { count: 0, cents: 0n };
    categories.set(category, total);
    total.count++;
    total.cents += cents;
  }

  /** The lines of revenue/*.ndjson: windows by their start, categories as they were first seen. */
  rows(): string[] {
    const starts = [...this.totals.keys()].sort((a, b) => a - b);
    return starts.flatMap((start) =>
      [...(this.totals.get(start) ?? [])].map(([category, { count, cents }]) => {
        const average = roundedQuotient(cents * 10_000n, BigInt(count));
        return (
          `{"window_start":${start},"window_end":${start + this.sizeMs},"category":${JSON.stringify(category)},` +
          `"order_count":${count},"total_revenue":${decimalText(cents, 2)},` +
          `"avg_order_value":${decimalText(average, 6)}}`
        );
      }),
    );
  }
}
