import { AccountView } from "./account/account_view.ts";
import { DriveClient } from "./api/drive_client.ts";
import { openStorage } from "./api/open_storage.ts";
import { refreshLock } from "./api/refresh_lock.ts";
import { request } from "./api/request.ts";
import { Session } from "./api/session.ts";
import { sessionKey, TokenStore } from "./api/token_store.ts";
import { openDrive } from "./drive_view.ts";
import { find } from "./ui/find.ts";
import { Notices } from "./ui/notices.ts";
import { setText } from "./ui/set_text.ts";
import { Hasher } from "./upload/hasher.ts";

// The page's entry: decides between the sign-in form and the drive, and wires both to one session.
const storage = openStorage();
const notices = new Notices();
const store = new TokenStore(storage);
const lock = refreshLock(storage, navigator.locks);
const session = new Session({ store, lock, send: request, onEnded });
const client = new DriveClient(session);
const hasher = new Hasher(find(document, "meta[name=hash-worker]", HTMLMetaElement).content);
const account = new AccountView(session, notices, show);
const who = find(document, "#who", HTMLElement);
let drive = new AbortController();

/** Shows what belongs to the session as it is now. */
function show(): void {
  const { username } = session;
  drive.abort();
  drive = new AbortController();
  who.hidden = username === null;
  setText(find(document, "#username", HTMLElement), username ?? "");
  if (username === null) return account.open();
  account.close();
  openDrive({ client, hasher, notices, storage, username }, drive.signal);
}

function onEnded(): void {
  show();
  notices.alert("Your session has ended. Sign in again to go on; unfinished uploads are kept.");
}

async function signOut(): Promise<void> {
  notices.clear();
  drive.abort();
  await session.signOut().catch((error: unknown) => notices.error(error));
  show();
}

find(document, "#sign-out", HTMLButtonElement).addEventListener("click", () => void signOut());
// Another tab signed in or out: this one follows, rather than work as somebody who is gone.
window.addEventListener("storage", ({ key }) => {
  if (key === sessionKey && store.read()?.username !== session.username) location.reload();
});
show();
