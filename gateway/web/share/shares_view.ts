import type { DriveClient } from "../api/drive_client.ts";
import type { ListedShare, OwnShare } from "../api/wire.ts";
import { confirm } from "../ui/confirm.ts";
import { copyText } from "../ui/copy_text.ts";
import { find } from "../ui/find.ts";
import { isolate } from "../ui/isolate.ts";
import type { Notices } from "../ui/notices.ts";
import { ShareList } from "./share_list.ts";
import { ownShareRow, sharedWithRow, topShareRow } from "./share_row.ts";

/** What a {@link SharesView} works with. */
export interface SharesParts {
  client: DriveClient;
  notices: Notices;
}

/** As many as fit below the two other lists. */
const topLimit = 10;

/** The tab of shares: one's own, what others share with one, and what everybody views most. */
export class SharesView {
  readonly #parts: SharesParts;
  readonly #own: ShareList<OwnShare>;
  readonly #withMe: ShareList<ListedShare>;
  readonly #top: ShareList<ListedShare>;

  /** @param signal Ends the view, at sign-out. */
  constructor(parts: SharesParts, signal: AbortSignal) {
    this.#parts = parts;
    const { client, notices } = parts;
    this.#own = new ShareList(
      {
        notices,
        ids: { list: "#share-list", empty: "#shares-empty", more: "#shares-more" },
        fetch: (cursor, loading) => client.shares(cursor, loading),
        row: (share) => this.#ownRow(share),
      },
      signal,
    );
    this.#withMe = new ShareList(
      {
        notices,
        ids: { list: "#with-list", empty: "#with-empty", more: "#with-more" },
        fetch: (cursor, loading) => client.sharesWithMe(cursor, loading),
        row: (share) => sharedWithRow(share, () => void this.#tell(() => this.#save(share))),
      },
      signal,
    );
    this.#top = new ShareList(
      {
        notices,
        ids: { list: "#top-list", empty: "#top-empty" },
        fetch: async (_, loading) => ({ ...(await client.topShares(topLimit, loading)), next: null }),
        row: topShareRow,
      },
      signal,
    );
  }

  /** The tab is shown. */
  open(): void {
    this.#own.reload();
    this.#withMe.reload();
    this.#top.reload();
  }

  #ownRow(share: OwnShare): HTMLLIElement {
    const row: HTMLLIElement = ownShareRow(
      share,
      (action) => void this.#tell(() => (action === "copy" ? this.#copy(share) : this.#end(share, row))),
    );
    return row;
  }

  async #tell(work: () => Promise<void>): Promise<void> {
    this.#parts.notices.clear();
    try {
      await work();
    } catch (error) {
      this.#parts.notices.error(error);
    }
  }

  async #copy({ url }: OwnShare): Promise<void> {
    if (await copyText(url)) this.#parts.notices.say("The link is copied");
    else this.#parts.notices.alert(`The browser does not let this page copy. The link is ${url}`);
  }

  async #save({ code }: ListedShare): Promise<void> {
    const { name } = await this.#parts.client.saveShare(code);
    this.#parts.notices.say(`Saved as ${name}`);
  }

  async #end({ code, name }: OwnShare, row: HTMLLIElement): Promise<void> {
    const question = {
      heading: "End this share?",
      text: `The link to “${isolate(name)}” will lead nowhere. The file stays, and so does what others have saved.`,
      yes: "End it",
    };
    if (!(await confirm(question))) return;
    await this.#parts.client.endShare(code);
    row.remove();
    find(document, "#shares-heading", HTMLElement).focus();
    this.#own.showEnd();
    this.#top.reload();
    this.#parts.notices.say(`Ended the share of ${name}`);
  }
}
