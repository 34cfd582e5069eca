/**
 * Tells when an input has been silent for too long, looking at it only now and then (R30): the countdown begins at the
 * first look without new records since the one before, so up to a few looks more may pass.
 */
export class IdleTimer {
  private readonly afterMs: number;
  private active = false;
  private silentSince: number | undefined;

  constructor(afterMs: number) {
    this.afterMs = afterMs;
  }

  /** A record came. */
  activity(): void {
    this.active = true;
  }

  /** Looks: whether the input is idle by now. */
  isIdle(nowMs: number): boolean {
    if (this.active) {
      this.active = false;
      this.silentSince = undefined;
      return false;
    }
    if (this.silentSince === undefined) {
      this.silentSince = nowMs;
      return false;
    }
    return nowMs - this.silentSince > this.afterMs;
  }
}
