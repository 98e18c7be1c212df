import {
	type Attributes,
	type Context,
	context,
	createContextKey,
	type MeterProvider,
	metrics,
	type Span,
	SpanKind,
	SpanStatusCode,
	type TracerProvider,
	trace,
} from "@opentelemetry/api";
import type { AuditAction, TelemetryEvent } from "../audit/audit.ts";
import type { Telemetry, TelemetryRoute } from "../audit/telemetry.ts";
import type { ProviderCall } from "../protocol/types.ts";
import { instrumentsFrom } from "./instruments.ts";

/** Name of the tracer and the meter. */
const SCOPE = "portcullis";
/**
 * The span of the gate's own route that is being answered: what came of it is written there, and
 * never to a span of the app.
 */
const ROUTE = createContextKey("portcullis.route");

/**
 * What a route is there for. Other things that happen on the way, such as the end of the session
 * before, are not what came of it.
 */
const ACTIONS: Readonly<Record<TelemetryRoute, AuditAction>> = {
	login: "login_started",
	callback: "login_completed",
	claim: "login_completed",
	refresh: "token_refresh",
	logout: "logout",
	backchannel_logout: "logout",
};

interface RouteSpan {
	readonly span: Span;
	readonly action: AuditAction;
}

/** Options of `openTelemetry`. */
export interface OpenTelemetryOptions {
	/** Where spans go. Default: the global one, as it is when a span begins. */
	readonly tracerProvider?: TracerProvider;
	/** Where metrics go. Default: the global one, as it is when something is measured. */
	readonly meterProvider?: MeterProvider;
}

/**
 * Spans and metrics of a gate for OpenTelemetry: `portcullis({ platform: { telemetry:
 * openTelemetry() } })`. Attributes have few values each, and none of them names a person or a
 * session, or holds anything that a request brought along.
 *
 * Needs the package `@opentelemetry/api`, and an SDK that registers itself with it; without an SDK
 * nothing is measured, and nothing fails.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
	const instruments = instrumentsFrom(
		() => options.meterProvider ?? metrics.getMeterProvider(),
		SCOPE,
	);
	const tracer = () => (options.tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE);

	return {
		record(event) {
			const attributes = attributesOf(event);
			const surface = SURFACES[event.action];
			instruments().counters[event.action].add(
				1,
				surface ? { ...attributes, "portcullis.surface": surface } : attributes,
			);
			const route = context.active().getValue(ROUTE) as RouteSpan | undefined;
			if (route?.action !== event.action) return;
			route.span.setAttributes(attributes);
			if (event.outcome !== "success") route.span.setStatus({ code: SpanStatusCode.ERROR });
		},

		recordUnsealFailure(purpose, keyId = "unknown") {
			instruments().unsealFailures.add(1, {
				"portcullis.seal.purpose": purpose,
				"portcullis.seal.key_id": keyId,
			});
		},

		route(name, run) {
			const span = tracer().startSpan(`portcullis.${name}`, { kind: SpanKind.INTERNAL });
			const route: RouteSpan = { span, action: ACTIONS[name] };
			return runIn(withSpan(span).setValue(ROUTE, route), run).then(
				({ status }) => end(span, { "http.response.status_code": status }, status >= 500),
				() => end(span, { "error.type": "_OTHER" }, true),
			);
		},

		providerCall(call, run) {
			const asked = callAttributes(call);
			const span = tracer().startSpan(`${call.method} ${call.operation}`, {
				kind: SpanKind.CLIENT,
				attributes: asked,
			});
			const startedAt = performance.now();
			const settle = (answered: Attributes) => {
				const seconds = (performance.now() - startedAt) / 1000;
				instruments().providerDuration.record(seconds, { ...asked, ...answered });
				end(span, answered, "error.type" in answered);
			};
			return runIn(withSpan(span), run).then(
				({ status }) => settle(statusAttributes(status)),
				(error: unknown) => settle(failureAttributes(error)),
			);
		},
	};
}

/** Of the guard's decisions, what they were about. */
const SURFACES: Partial<Record<AuditAction, string>> = {
	page_load: "page",
	event_handler: "event",
};

function withSpan(span: Span): Context {
	return trace.setSpan(context.active(), span);
}

function runIn(active: Context, run: () => Promise<Response>): Promise<Response> {
	return context.with(active, run);
}

function end(span: Span, attributes: Attributes, isError: boolean): void {
	span.setAttributes(attributes);
	if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
	span.end();
}

function attributesOf({ outcome, provider, reason, handler }: TelemetryEvent): Attributes {
	return {
		"portcullis.outcome": outcome,
		...(provider === undefined ? {} : { "portcullis.provider": provider }),
		...(reason === undefined ? {} : { "portcullis.reason": reason }),
		...(handler === undefined ? {} : { "portcullis.handler": handler }),
	};
}

/**
 * As the conventions for HTTP clients name them. `url.full`, which they ask for, is left out on
 * purpose: addresses of hooks are not ours to know.
 */
function callAttributes({ provider, operation, method, host, port }: ProviderCall): Attributes {
	return {
		"portcullis.provider": provider,
		"portcullis.provider.operation": operation,
		"http.request.method": method,
		"server.address": host,
		"server.port": port,
	};
}

function statusAttributes(status: number): Attributes {
	return {
		"http.response.status_code": status,
		...(status >= 400 ? { "error.type": String(status) } : {}),
	};
}

/**
 * Calls fail with one of a few reasons, such as `timeout`; those that tell of an outage by their
 * status, as `status_503`.
 */
function failureAttributes(error: unknown): Attributes {
	const reason = (error as { readonly reason?: unknown } | undefined)?.reason;
	const [, status] = /^status_(\d{3})$/.exec(String(reason)) ?? [];
	if (status !== undefined) return statusAttributes(Number(status));
	return {
		"error.type": typeof reason === "string" && /^[a-z_]{1,32}$/.test(reason) ? reason : "_OTHER",
	};
}
