export { callbackView } from "./callback.ts";
export { defaultViews } from "./default-views.ts";
export { type DocumentParts, document } from "./document.ts";
export { errorView } from "./error.ts";
export { forbiddenView } from "./forbidden.ts";
export { safeHref, safePath } from "./href.ts";
export { escapeHtml, type Html, type HtmlValue, html, isHtml, trustedHtml } from "./html.ts";
export { english } from "./languages/en.ts";
export { loginView } from "./login.ts";
export { logoutView } from "./logout.ts";
export { type Message, messageFor, messages } from "./messages.ts";
export { type ContinuePostParts, continuePostPage, onwardPage, repeatPage } from "./move-on.ts";
export { popupScript } from "./popup-script.ts";
export { type SnapshotScriptOptions, snapshotScript } from "./snapshot-script.ts";
export { type ErrorText, fill, type PageTexts, type Texts } from "./texts.ts";
export type {
	CallbackViewContext,
	ErrorViewContext,
	ForbiddenViewContext,
	LoginViewContext,
	LogoutViewContext,
	PopupContext,
	View,
	ViewProvider,
	Views,
} from "./types.ts";
