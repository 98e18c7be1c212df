import { POPUP_MESSAGE, type PopupMessage } from "../wire/popup.ts";
import { byId, pageData } from "./parts/page-data.ts";
import { openChannel } from "./parts/tabs.ts";

// The end of a login popup tells the window that opened it, of our own origin alone. After a while
// without being closed, it offers what always works.

/** Milliseconds. */
const OFFER_AFTER = 8000;

const { challenge = "", handoff = "", left } = pageData();
const message: PopupMessage = { type: POPUP_MESSAGE, challenge, handoff };
const opener: Window | null = window.opener;
try {
	opener?.postMessage(message, location.origin);
} catch {
	// The channel may reach it.
}
openChannel(POPUP_MESSAGE)?.postMessage(message);
if (opener || left === "yes") setTimeout(offer, OFFER_AFTER);
else offer();

function offer(): void {
	byId("lost").hidden = false;
	byId("onward").hidden = false;
}
