/** Waits that end when the session fails: what they wait for may never come then. */
export class UntilFailure {
  private readonly waiting = new Set<(error: Error) => void>();

  /** Settles as `act`, or rejects with the failure that comes first. */
  async race<R>(act: Promise<R>): Promise<R> {
    let end: (error: Error) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => (end = reject));
    this.waiting.add(end);
    try {
      return await Promise.race([act, failed]);
    } finally {
      this.waiting.delete(end);
    }
  }

  failed(error: Error): void {
    for (const end of this.waiting) end(error);
  }
}
