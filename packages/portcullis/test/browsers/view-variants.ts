import type { MessageCode } from "../../src/base/error-table.ts";
import {
	defaultViews,
	english,
	type Html,
	type Texts,
	type ViewProvider,
} from "../../src/views/index.ts";
import { continuePostPage, onwardPage, repeatPage } from "../../src/views/move-on.ts";
import {
	popupAskPage,
	popupChoosePage,
	popupHandoffPage,
	windowDonePage,
} from "../../src/views/popup-pages.ts";
import { refreshPage } from "../../src/views/refresh-page.ts";

/** The nonce of every page here. */
export const nonce = "bm9uY2Utb2YtdGhlLXRlc3Rz";

const okta: ViewProvider = {
	name: "okta",
	displayName: "Okta",
	loginHref: "/login/okta?redirect_to=%2Fnotes",
};
const several: readonly ViewProvider[] = [
	okta,
	{ name: "azure", displayName: "Microsoft", loginHref: "/login/azure?redirect_to=%2Fnotes" },
	{ name: "google", displayName: "Google", loginHref: "/login/google?redirect_to=%2Fnotes" },
	{
		name: "partner",
		displayName: "Verwaltungsgemeinschaft Donaudampfschifffahrtsgesellschaft",
		loginHref: "/login/partner",
	},
];

const ada = { name: "Ada Lovelace", email: "ada.lovelace@analytical-engine.example" };

/**
 * Every page of the gate as a person can meet it. Pages that leave by themselves are stopped by
 * `stay`, see below.
 */
export async function viewVariants(texts: Texts = english): Promise<ReadonlyMap<string, string>> {
	const base = {
		request: new Request("https://app.example/"),
		nonce,
		texts,
		homeHref: "/",
		endpoints: "/_portcullis",
		providers: [okta],
	};
	const login = {
		...base,
		kind: "login",
		redirectTo: "/notes",
		user: undefined,
		notice: undefined,
	} as const;
	const logout = {
		...base,
		kind: "logout",
		user: ada,
		formAction: "/logout",
		fields: { csrf: "c2VhbGVk" },
		autoSubmit: false,
		providerSession: undefined,
	} as const;
	const forbidden = { ...base, kind: "forbidden", user: ada, logoutHref: "/logout" } as const;
	const error = (code: MessageCode, more: { providerText?: string; retryHref?: string } = {}) => {
		const { title, message } = texts.errors[code];
		const { providerText, retryHref } = more;
		return {
			...base,
			kind: "error",
			error: { code, id: "q3Zr8VbTn1LkX0aS", title, message, providerText },
			retryHref,
		} as const;
	};
	const pages: Record<string, Html | Response | Promise<Html | Response>> = {
		login: defaultViews.login(login),
		"login-several-expired": defaultViews.login({
			...login,
			providers: several,
			notice: "attempt_expired",
		}),
		"login-signed-in": defaultViews.login({ ...login, providers: several.slice(0, 2), user: ada }),
		"login-no-provider": defaultViews.login({ ...login, providers: [] }),
		callback: defaultViews.callback({ ...base, kind: "callback", destination: "/notes" }),
		"logout-confirm": defaultViews.logout({ ...logout, phase: "confirm" }),
		"logout-auto": defaultViews.logout({ ...logout, phase: "confirm", autoSubmit: true }),
		"logout-done-ended": defaultViews.logout({
			...logout,
			phase: "done",
			user: undefined,
			providerSession: "ended",
		}),
		"logout-done-alive": defaultViews.logout({
			...logout,
			phase: "done",
			providers: several,
			user: undefined,
			providerSession: "maybe_alive",
		}),
		forbidden: defaultViews.forbidden(forbidden),
		"forbidden-anonymous": defaultViews.forbidden({ ...forbidden, user: undefined }),
		error: defaultViews.error(error("cookies_blocked", { retryHref: "/login" })),
		"error-provider-text": defaultViews.error(
			error("provider_error", {
				retryHref: "/login",
				providerText:
					"AADSTS50105: Your administrator has configured the application to block users unless they are granted access.\r\nTrace ID: 4f1c2a6e-0000-4000-8000-9d1b7a3c5e00",
			}),
		),
		"error-final": defaultViews.error(error("cookies_too_large")),
		onward: onwardPage({ nonce, texts, href: "/logout/done" }),
		repeat: repeatPage({ nonce, texts, href: "/notes" }),
		"popup-ask": popupAskPage({
			nonce,
			texts,
			ancestors: ["https://portal.example"],
			action: "/login",
			fields: {},
		}),
		"popup-choose": popupChoosePage({ nonce, texts, providers: several, fields: {} }),
		"popup-done": popupHandoffPage({
			nonce,
			texts,
			challenge: "c",
			handoff: "h",
			isLeft: true,
			href: "/",
		}),
		"window-done": windowDonePage({ nonce, texts }),
		renew: refreshPage({
			nonce,
			texts,
			href: "/notes",
			endpoints: "/_portcullis",
			loginHref: "/login",
		}),
		"continue-post": continuePostPage({
			nonce,
			texts,
			action: "/callback/continue",
			fields: { code: "abc", state: "def" },
		}),
	};
	const rendered = new Map<string, string>();
	for (const [name, page] of Object.entries(pages)) rendered.set(name, String(await page));
	return rendered;
}

/**
 * The page with its scripts emptied and its refresh gone, so that what it looks like can be
 * examined.
 */
export function stay(page: string): string {
	return page
		.replace(/(<script[^>]*>)[\s\S]*?(<\/script>)/g, "$1$2")
		.replace(/<noscript>[\s\S]*?<\/noscript>/g, "");
}
