/** Who waits for the next time that something happens. */
export class Waiting {
  private waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  next(): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  happened(): void {
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }

  /** It will not happen any more to those who wait now. */
  never(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
