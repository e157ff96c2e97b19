import { countCopies } from "#db/copies.ts";
import { countLeases, countParked } from "#db/leases.ts";
import { countOpenUploads } from "#db/uploads.ts";

import type { Context } from "../context.ts";

/** Registers what is counted anew at each scrape. */
export function registerGauges({ config, metrics, catalog, spool, queue, now }: Context): void {
  metrics.gauge({ name: "sluice_uploads_open", help: "Uploads that take chunks.", collect: () => countOpenUploads(catalog) });
  metrics.gauge({
    name: "sluice_spool_bytes",
    help: "Bytes of disk that the spool takes.",
    collect: async () => (await spool.list()).reduce((sum, { diskBytes }) => sum + diskBytes, 0),
  });
  metrics.gauge({
    name: "sluice_parked_jobs",
    help: "Rows that wait for a person.",
    label: "table",
    collect: async () => ({
      uploads: await countParked(catalog, "uploads"),
      blobs: await countParked(catalog, "blobs"),
      copies: await countParked(catalog, "copies"),
    }),
  });
  metrics.gauge({
    name: "sluice_copies",
    help: "Objects beside a blob's first that are still to be made, as second copies or by moves, or to be deleted.",
    label: "state",
    collect: async () => await countCopies(catalog),
  });
  // In the process they are copies of rows that nobody else sees.
  if (config.AMQP_URL) {
    metrics.gauge({
      name: "sluice_parked_messages",
      help: "Messages that wait for a person: copies of parked jobs, and what no worker understood.",
      collect: (signal) => queue.countParked(signal),
    });
  }
  metrics.gauge({
    name: "sluice_leases",
    help: "Rows that a worker holds now.",
    label: "worker",
    collect: async () => ({
      merge: await countLeases(catalog, "uploads", "verifying", now()),
      fetch: await countLeases(catalog, "uploads", "fetching", now()),
      push: await countLeases(catalog, "blobs", "spooled", now()),
      purge: await countLeases(catalog, "blobs", "purging", now()),
      copy: await countLeases(catalog, "copies", "wanted", now()),
      probe: await countLeases(catalog, "videos", "unprobed", now()),
    }),
  });
}
