import type { LiveShare } from "#db/shares.ts";

import { mimeOf } from "../file/view.ts";
import type { ListedShareView, OwnShareView, ShareView } from "./schema.ts";

/** How a share is shown. */
export interface Showing {
  /** Of the drive, as clients reach it. */
  base: string;
  /** Views that its row does not have yet. */
  pending: number;
}

/** A share in a list of others' shares. */
export function listedShareView(share: LiveShare, { base, pending }: Showing): ListedShareView {
  return {
    code: share.code,
    url: new URL(`/s/${share.code}`, base).href,
    name: share.fileName,
    size: share.fileSize,
    username: share.owner,
    hasPassword: share.passwordHash !== null,
    expiresAt: timeOf(share.expiresAt),
    maxDownloads: share.maxDownloads,
    downloads: share.downloads,
    views: share.views + pending,
    createdAt: new Date(share.createdAt).toISOString(),
  };
}

/** A share as its owner sees it. */
export function ownShareView(share: LiveShare, showing: Showing): OwnShareView {
  return { ...listedShareView(share, showing), fileId: share.fileId, listed: share.listed === 1, with: share.withName };
}

/** A share as who may open it sees it, with a URL to download it by. */
export function shareView(share: LiveShare, showing: Showing, download: { expires: number; signature: string }): ShareView {
  const url = new URL(`/share/${share.code}/download`, showing.base);
  url.search = new URLSearchParams({ expires: String(download.expires), signature: download.signature }).toString();
  return {
    ...listedShareView(share, showing),
    mime: mimeOf(share.fileName),
    downloadUrl: url.href,
    downloadUrlExpiresAt: new Date(download.expires * 1000).toISOString(),
  };
}

function timeOf(millis: number | null): string | null {
  return millis === null ? null : new Date(millis).toISOString();
}
