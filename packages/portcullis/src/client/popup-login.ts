import { type ClaimAnswer, type LoginOutcome, POPUP_FIELDS, POPUP_MESSAGE } from "../wire/popup.ts";
import type { PopupWindow, TabChannel } from "./platform.ts";

// How a window signs in by a popup. The client and the gate's own login page both use it.

/**
 * How long the server is asked, once a second, whether the popup has left a result there. Seconds.
 */
const ASK_FOR = 180;
const ASK_EVERY = 1000;

/** What signs in by a popup needs. */
export interface PopupLogin {
	/** Was opened inside the click; empty as yet. */
	readonly popup: PopupWindow;
	/** Path that the popup's form is sent to. */
	readonly action: string;
	readonly redirectTo: string;
	/** See `pagesAbove`. */
	readonly ancestors: readonly string[];
	/** Sends JSON to the endpoint `claim`. */
	readonly claim: (body: string) => Promise<Response>;
	readonly openChannel: (name: string) => TabChannel | undefined;
	/** Whether what the popup says is still wanted. Default: always. */
	readonly isWanted?: () => boolean;
	/** If it is given, being lost is not the end: it is called, and the window goes on listening. */
	readonly onLost?: () => unknown;
}

/** How it ended. `redirectTo`, of the server, is there after a login. */
export interface PopupEnd {
	readonly status: LoginOutcome;
	readonly redirectTo?: unknown;
}

/**
 * Signs in by a popup. The popup is sent on by a form, which no link and no redirect can imitate;
 * the verifier never leaves this window but to the server, and what comes back is of no use without
 * it.
 *
 * A popup that is closed means nothing: a page of the provider may have cut it off, and it goes on.
 * It only tells that no message can come any more, where the server keeps none.
 */
export async function popupLogin(login: PopupLogin): Promise<PopupEnd> {
	const { popup, ancestors, isWanted = () => true, onLost } = login;
	const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
	const challenge = base64url(
		new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))),
	);
	let redirectTo: unknown;
	const ask = async (handoff: string | undefined): Promise<Claimed> => {
		const response = await login.claim(JSON.stringify({ verifier, ancestors, handoff }));
		const { status } = response;
		if (response.ok) {
			const answer = (await response.json()) as ClaimAnswer;
			if (answer.status === "signed_in") redirectTo = answer.redirectTo;
			return answer.status;
		}
		return status === 404 ? "unkept" : status === 429 || status >= 500 ? "pending" : "refused";
	};
	// One after another: of a message and a question at the same time, the second would be told that
	// all is used up.
	let last: Promise<Claimed> = Promise.resolve("pending");
	const claim = (handoff?: string) => {
		last = last.then((before) =>
			before === "signed_in" ? before : ask(handoff).catch(() => "pending"),
		);
		return last;
	};

	// The form is sent to the window by its name.
	popup.name = challenge;
	let isOver = false;
	let stop = () => {};
	const told = new Promise<string>((resolve) => {
		const hear = (data: unknown) => {
			const { type, challenge: about, handoff } = (data ?? {}) as Record<string, unknown>;
			if (
				type === POPUP_MESSAGE &&
				about === challenge &&
				typeof handoff === "string" &&
				isWanted()
			)
				resolve(handoff);
		};
		const onMessage = ({ origin, source, data }: MessageEvent) => {
			if (origin === location.origin && source === popup) hear(data);
		};
		addEventListener("message", onMessage);
		// Reaches windows of ours at the top that the provider has cut off; never a frame of another
		// site.
		const channel = login.openChannel(POPUP_MESSAGE);
		if (channel) channel.onmessage = ({ data }) => hear(data);
		stop = () => {
			isOver = true;
			removeEventListener("message", onMessage);
			channel?.close();
		};
	});
	send(popup, login.action, {
		[POPUP_FIELDS.challenge]: challenge,
		[POPUP_FIELDS.ancestors]: ancestors.join(" "),
		[POPUP_FIELDS.redirectTo]: login.redirectTo,
	});

	const wait = async (): Promise<LoginOutcome> => {
		let isKept = true;
		for (let asked = 0, closed = 0; asked < ASK_FOR; asked++) {
			await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
			if (isOver || !isWanted()) break;
			if (isKept) {
				const status = await claim();
				if (status === "unkept") isKept = false;
				else if (status !== "pending") return status;
			} else if (popup.closed && ++closed > 2) break;
		}
		return "lost";
	};
	const heard = told.then(async (handoff): Promise<LoginOutcome> => {
		stop();
		return (await claim(handoff)) === "signed_in" ? "signed_in" : "refused";
	});
	const waited = wait().then((status) => {
		// It gives up when something was heard, and must not win then.
		if (isOver) return heard;
		if (status === "lost" && onLost) {
			onLost();
			return heard;
		}
		return status;
	});
	const status = await Promise.race([heard, waited]);
	stop();
	return { status, redirectTo };
}

/** What the server says: `unkept` if it keeps nothing that could be waited for. */
type Claimed = ClaimAnswer["status"] | "unkept" | "refused";

/** Sends the popup on, from this very page. */
function send(popup: PopupWindow, action: string, fields: Readonly<Record<string, string>>): void {
	const form = document.createElement("form");
	form.method = "post";
	form.action = action;
	form.target = popup.name;
	for (const [name, value] of Object.entries(fields)) {
		const input = document.createElement("input");
		input.type = "hidden";
		input.name = name;
		input.value = value;
		form.append(input);
	}
	document.body.append(form);
	form.submit();
	form.remove();
}

/**
 * Origins of the pages above this one, from the parent to the top. Where the browser does not say,
 * the one that led here.
 */
export function pagesAbove(): string[] {
	if (parent === window) return [];
	const { ancestorOrigins } = location;
	if (ancestorOrigins) return [...ancestorOrigins];
	const before = document.referrer && new URL(document.referrer).origin;
	return before && before !== location.origin ? [before] : ["unknown"];
}

function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replace(/\+/g, "-")
		.replace(/\//g, "_")
		.replace(/=+$/, "");
}
