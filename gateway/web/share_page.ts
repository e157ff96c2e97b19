import { openStorage } from "./api/open_storage.ts";
import { refreshLock } from "./api/refresh_lock.ts";
import { request } from "./api/request.ts";
import { Session } from "./api/session.ts";
import { ShareClient } from "./api/share_client.ts";
import { sessionKey, TokenStore } from "./api/token_store.ts";
import { OpenShare } from "./share/open_share.ts";
import { Notices } from "./ui/notices.ts";

// The entry of a share's page, `/s/<code>`: needs no account, and uses the session of one who has signed in.
const storage = openStorage();
const store = new TokenStore(storage);
const session = new Session({ store, lock: refreshLock(storage, navigator.locks), send: request, onEnded: () => {} });
const code = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
const share = new OpenShare({
  client: new ShareClient(session, code),
  notices: new Notices(),
  isSignedIn: () => session.username !== null,
});

// Signed in or out in another tab: what may be opened, and whether it can be saved, is another matter now.
window.addEventListener("storage", ({ key }) => {
  if (key === sessionKey && store.read()?.username !== (session.username ?? undefined)) location.reload();
});
void share.load();
