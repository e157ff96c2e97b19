/** Tells what goes wrong, but not again and again. */
export interface ReportOnce {
  /** The connection is lost, or cannot be made again: told once until {@link ReportOnce.back}. */
  lost(error: Error): void;
  back(): void;
  /** Redis refuses or is slow: each `kind` is told once a minute at most. */
  failed(kind: string, error: Error): void;
}

const againAfterMs = 60_000;

export function createReportOnce(onError: (error: Error) => void, now = () => performance.now()): ReportOnce {
  let isLost = false;
  const toldAt = new Map<string, number>();
  return {
    lost(error) {
      if (isLost) return;
      isLost = true;
      onError(error);
    },
    back() {
      isLost = false;
    },
    failed(kind, error) {
      const told = toldAt.get(kind);
      if (told !== undefined && now() - told < againAfterMs) return;
      toldAt.set(kind, now());
      onError(error);
    },
  };
}
