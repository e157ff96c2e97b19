/** Tells what goes wrong, but not again and again. */
export interface ReportOnce {
  /** The connection is lost, or cannot be made again: told once until {@link ReportOnce.back}. */
  lost(error: Error): void;
  /** As `lost`, and told once even after that: a server that is there and refuses does not come back by itself. */
  refused(error: Error): void;
  back(): void;
  /** Redis refuses or is slow: each `kind` is told once a minute at most. */
  failed(kind: string, error: Error): void;
}

const againAfterMs = 60_000;

export function createReportOnce(onError: (error: Error) => void, now = () => performance.now()): ReportOnce {
  let isLost = false;
  let isRefused = false;
  const toldAt = new Map<string, number>();
  return {
    lost(error) {
      if (!isLost) onError(error);
      isLost = true;
    },
    refused(error) {
      if (!isRefused) onError(error);
      isLost = true;
      isRefused = true;
    },
    back() {
      isLost = false;
      isRefused = false;
    },
    failed(kind, error) {
      const told = toldAt.get(kind);
      if (told !== undefined && now() - told < againAfterMs) return;
      toldAt.set(kind, now());
      onError(error);
    },
  };
}
