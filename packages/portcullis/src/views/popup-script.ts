import { type Html, html } from "./html.ts";
import { english } from "./languages/en.ts";
import { popupOpenerScript } from "./page-scripts.ts";
import type { Texts } from "./texts.ts";
import type { PopupContext } from "./types.ts";

export interface PopupScriptParts {
	readonly nonce: string;
	/** `popup` of the login view's context. */
	readonly popup: PopupContext;
	/** `texts` of the login view's context. Default: English. */
	readonly texts?: Texts;
}

/**
 * What a login page needs besides links with `data-opens="popup"`: the script that opens their
 * popups, and what it tells the person. To be put into the body once. Without script those links
 * open a new tab.
 */
export function popupScript({ nonce, popup, texts = english }: PopupScriptParts): Html {
	return html`<div id="popup-status" role="status">
<p id="popup-waiting" hidden>${texts.windowWaiting}</p>
<p id="popup-blocked" hidden>${texts.windowBlocked}</p>
<p id="popup-lost" hidden>${texts.windowLost}</p>
<p id="popup-refused" hidden>${texts.windowRefused}</p>
<p id="popup-unkept" hidden>${texts.windowUnkept}</p>
</div>
<ul class="links" role="list"><li><a id="popup-tab" href="/" target="_blank" rel="noopener" hidden>${texts.openInNewTab}</a></li></ul>
<script nonce="${nonce}" id="popup-script" data-endpoints="${popup.endpoints}" data-ancestor="${popup.onlyAncestor ?? ""}" data-frames="${popup.onlyInFrames ? "only" : ""}">${popupOpenerScript}</script>`;
}
