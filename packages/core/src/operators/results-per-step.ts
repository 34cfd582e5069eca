/**
 * Results an operator emits in one go before the step loop gets a turn: at 1 to 2 us per result under 1 ms, so that I/O
 * and timers never wait long for a watermark that fires a million keys. Much less would cost calls, much more latency.
 */
export const RESULTS_PER_STEP = 512;
