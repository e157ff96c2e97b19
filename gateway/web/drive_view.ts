import type { DriveClient } from "./api/drive_client.ts";
import { followEvents } from "./api/live_events.ts";
import { FilesView } from "./files/files_view.ts";
import { SharesView } from "./share/shares_view.ts";
import { find } from "./ui/find.ts";
import type { Notices } from "./ui/notices.ts";
import { Tabs } from "./ui/tabs.ts";
import type { Hasher } from "./upload/hasher.ts";
import { Pool } from "./upload/pool.ts";
import { ResumeStore } from "./upload/resume_store.ts";
import { StatusFeed } from "./upload/status_feed.ts";
import { Uploads } from "./upload/uploads.ts";
import { UploadsView } from "./upload/uploads_view.ts";
import { VideosView } from "./video/videos_view.ts";

/** What a signed-in page works with. */
export interface DriveViewParts {
  client: DriveClient;
  hasher: Hasher;
  notices: Notices;
  storage: Storage;
  username: string;
}

/** Six connections to a host is what browsers allow on HTTP/1.1: four for chunks leave room for events and requests. */
const parallelChunks = 4;
const parallelFiles = 4;

/** Shows the drive of the signed-in person until `signal` aborts. */
export function openDrive({ client, hasher, notices, storage, username }: DriveViewParts, signal: AbortSignal): void {
  const files = new FilesView(client, notices, signal);
  const feed = new StatusFeed();
  const store = new ResumeStore(storage, username);
  const pools = { files: new Pool(parallelFiles), hashing: new Pool(1), chunks: new Pool(parallelChunks) };
  const view = new UploadsView(notices, () => files.reloadSoon());
  const uploads = new Uploads({ client, hasher, store, feed, ...pools }, view);
  view.attach(uploads, signal);
  const videos = new VideosView({ client, notices, username }, signal);
  const shares = new SharesView({ client, notices }, signal);
  const show = (tab: "files" | "videos" | "shares") => {
    if (tab === "videos") videos.open();
    else videos.close();
    if (tab === "shares") shares.open();
  };
  new Tabs(["files", "videos", "shares"], show, signal).select("files");
  showDrive(signal);
  void files.reload();
  void uploads.restore();
  void followEvents(
    client,
    {
      onUpload: (status) => {
        feed.publish(status);
        uploads.onStatus(status);
      },
      onFile: (event) => files.onEvent(event),
      onConnected: () => void files.reload(),
    },
    signal,
  );
}

function showDrive(signal: AbortSignal): void {
  const drive = find(document, "#drive", HTMLElement);
  drive.hidden = false;
  find(document, "#drive-heading", HTMLElement).focus();
  signal.addEventListener("abort", () => (drive.hidden = true));
}
