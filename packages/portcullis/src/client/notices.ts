import type { Toast } from "../wire/state.ts";
import type { EventResult } from "../wire/state-view.ts";
import type { AnyResult } from "./events.ts";
import type { createToasts } from "./toasts.ts";

// What the client says to the person by itself. Loaded with the first event, or where a text of
// another language than English is shown.

/** Texts of the client, and of the parts that `portcullis/react` brings. */
export interface ClientTexts {
	/** A check has refused an event. */
	readonly forbidden: string;
	/** An event has failed, and nothing was changed. */
	readonly failed: string;
	/** No answer to an event came: it may have run. */
	readonly unknown: string;
	/** Label of `LoginButton`. */
	readonly signIn: string;
	/** Label of `LogoutButton`. */
	readonly signOut: string;
	/** Label of the button that takes a message away. */
	readonly dismiss: string;
}

/** An event that did not go well, and that the app has not called `handled` of. */
export interface EventFailure {
	readonly state: string;
	readonly event: string;
	readonly result: Extract<EventResult<unknown>, { readonly status: "failed" | "unknown" }>;
}

/** Options of the client that are about messages. */
export interface NoticeOptions {
	/**
	 * Gets events that `failed`, or of which it is `unknown` whether they ran, instead of the message
	 * to the person; but none that the app has called `result.handled()` of.
	 */
	readonly onError?: (failure: EventFailure) => void;
	/** Language of the texts, such as `de`. Default: that of the page, `<html lang>`. */
	readonly language?: string;
	/** Texts of the app's own, instead of those of the language. */
	readonly texts?: Partial<ClientTexts>;
}

const texts = (...all: [string, string, string, string, string, string]): ClientTexts => {
	const [forbidden, failed, unknown, signIn, signOut, dismiss] = all;
	return { forbidden, failed, unknown, signIn, signOut, dismiss };
};

const ENGLISH = texts(
	"Action not allowed",
	"That did not work. Nothing was changed.",
	"No answer came. Look whether it was done before you try again.",
	"Sign in",
	"Sign out",
	"Dismiss",
);

/** The languages of the gate's pages. */
export const languages: Readonly<Record<string, ClientTexts>> = {
	en: ENGLISH,
	de: texts(
		"Diese Aktion ist nicht erlaubt",
		"Das hat nicht geklappt. Es wurde nichts geändert.",
		"Es kam keine Antwort. Prüfen Sie, ob es geklappt hat, bevor Sie es erneut versuchen.",
		"Anmelden",
		"Abmelden",
		"Schließen",
	),
	fr: texts(
		"Action non autorisée",
		"L’opération a échoué. Rien n’a été modifié.",
		"Aucune réponse. Vérifiez si l’opération a eu lieu avant de réessayer.",
		"Se connecter",
		"Se déconnecter",
		"Fermer",
	),
	es: texts(
		"Acción no permitida",
		"No se ha podido completar. No se ha cambiado nada.",
		"No ha llegado ninguna respuesta. Compruebe si se ha realizado antes de volver a intentarlo.",
		"Iniciar sesión",
		"Cerrar sesión",
		"Cerrar",
	),
	pt: texts(
		"Ação não permitida",
		"Não foi possível concluir. Nada foi alterado.",
		"Nenhuma resposta chegou. Verifique se a ação foi concluída antes de tentar novamente.",
		"Entrar",
		"Sair",
		"Fechar",
	),
	it: texts(
		"Azione non consentita",
		"L’operazione non è riuscita. Non è stato modificato nulla.",
		"Nessuna risposta. Verifica se l’operazione è stata eseguita prima di riprovare.",
		"Accedi",
		"Esci",
		"Chiudi",
	),
	ja: texts(
		"この操作は許可されていません",
		"操作に失敗しました。変更は行われていません。",
		"応答がありませんでした。もう一度試す前に、完了しているか確認してください。",
		"サインイン",
		"サインアウト",
		"閉じる",
	),
	zh: texts(
		"不允许执行此操作",
		"操作失败，未做任何更改。",
		"没有收到响应。请先确认操作是否已完成，然后再重试。",
		"登录",
		"退出登录",
		"关闭",
	),
};

/** The texts in the language of the options or the page; in English if there are none in it. */
export function textsFor({ language, texts: own }: NoticeOptions): ClientTexts {
	const tag = language ?? globalThis.document?.documentElement?.lang ?? "";
	const [primary = ""] = tag.toLowerCase().split("-", 1);
	const known = Object.hasOwn(languages, primary) ? languages[primary] : undefined;
	return { ...(known ?? ENGLISH), ...own };
}

/** What is needed to tell the person. */
export interface NoticeContext {
	readonly options: NoticeOptions & { readonly onToast?: (toast: Toast) => void };
	readonly toasts: ReturnType<typeof createToasts>;
	readonly core: { readonly isClosed: boolean };
	/** Names of the event and of its state. */
	readonly event: string;
	readonly state: string;
}

/**
 * Tells the person of an event that was refused, and of one that failed or that no answer came to;
 * of those a moment later, so that the app can say that it does so itself.
 *
 * @returns the result as the app gets it.
 */
export function tell(
	{ options, toasts, core, state, event }: NoticeContext,
	result: AnyResult,
): AnyResult {
	const { forbidden, failed, unknown } = textsFor(options);
	const show = (message: string) => {
		// Out of reach, all that was waiting ends in the same way.
		if (!toasts.list().some((shown) => shown.message === message))
			(options.onToast ?? toasts.add)({ message, kind: "error" });
	};
	if (result.status === "denied" && result.reason === "forbidden") show(forbidden);
	if (result.status !== "failed" && result.status !== "unknown") return result;
	let isHandled = false;
	const handled = () => {
		isHandled = true;
	};
	const told = Object.defineProperty({ ...result }, "handled", { value: handled });
	setTimeout(() => {
		if (isHandled || core.isClosed) return;
		if (options.onError) {
			options.onError({ state, event, result: told as EventFailure["result"] });
			return;
		}
		const id = result.status === "failed" && result.errorId;
		show(`${result.status === "failed" ? failed : unknown}${id ? ` (${id})` : ""}`);
	});
	return told;
}
