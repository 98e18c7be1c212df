export { createClient } from "./client/client.ts";
export type { Client, ClientOptions } from "./client/client-types.ts";
export type { ClientTexts, EventFailure, NoticeOptions } from "./client/notices.ts";
export { readSnapshot } from "./client/read-snapshot.ts";
export type { ShownToast, Toasts } from "./client/toasts.ts";
export type { LoginOutcome } from "./wire/popup.ts";
export type { SessionAnswer } from "./wire/session-answer.ts";
export type { EventInfo, InputIssue, PageDecision, Snapshot, Toast } from "./wire/state.ts";
export type {
	DeepReadonly,
	EventFunction,
	EventResult,
	GateLike,
	StateName,
	StateView,
} from "./wire/state-view.ts";
