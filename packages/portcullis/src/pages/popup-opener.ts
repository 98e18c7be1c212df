import { ownPath } from "../client/own-path.ts";
import { pagesAbove, popupLogin } from "../client/popup-login.ts";
import { postJson } from "../client/post-json.ts";
import { POPUP_FIELDS } from "../wire/popup.ts";
import { byId, pageData } from "./parts/page-data.ts";
import { openChannel } from "./parts/tabs.ts";

// Opens the popups of the links with `data-opens="popup"`, and tells the person what becomes of
// them. The page then goes where the server says, not where its link did.

const STATES = ["waiting", "blocked", "lost", "refused", "unkept"] as const;

const { endpoints = "", ancestor, frames } = pageData();
/** The newest; what the ones before it say is not wanted any more. */
let current: object | undefined;

for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-opens='popup']")) {
	if (frames === "only" && window.parent === window) {
		link.removeAttribute("target");
		continue;
	}
	link.addEventListener("click", (event) => {
		event.preventDefault();
		void start(link);
	});
}

async function start(link: HTMLAnchorElement): Promise<void> {
	// Inside the click, or it is blocked.
	const popup = window.open("", "", "popup,width=520,height=680");
	const attempt = {};
	current = attempt;
	const isWanted = () => attempt === current;
	const href = new URL(own(link.href), location.href);
	const redirectTo = own(href.searchParams.get(POPUP_FIELDS.redirectTo) || "/");
	byId<HTMLAnchorElement>("popup-tab").href = redirectTo;
	if (!popup) return show("blocked");
	show("waiting");
	const end = await popupLogin({
		popup,
		action: href.pathname,
		redirectTo,
		ancestors: ancestors(),
		claim: (body) => fetch(`${endpoints}/claim`, postJson(body)),
		openChannel,
		isWanted,
		onLost: () => isWanted() && show("lost"),
	});
	popup.close();
	if (end.status !== "signed_in") show(end.status);
	// A browser may drop the cookies: this page would come again, and not say why.
	else if (await isKept()) location.replace(own(String(end.redirectTo ?? "/")));
	else show("unkept");
}

/** Where the browser does not say who is above, it can only be the one that the gate allows. */
function ancestors(): string[] {
	const isUnsaid = window.parent !== window && !location.ancestorOrigins;
	return isUnsaid && ancestor ? [ancestor] : pagesAbove();
}

function own(address: string): string {
	return ownPath(address, location.href) ?? "/";
}

function show(name: (typeof STATES)[number]): void {
	for (const state of STATES) byId(`popup-${state}`).hidden = state !== name;
	byId("popup-tab").hidden = name === "waiting";
}

async function isKept(): Promise<boolean> {
	try {
		const response = await fetch(`${endpoints}/session`, { cache: "no-store" });
		return (await response.json()).signedIn;
	} catch {
		return true;
	}
}
