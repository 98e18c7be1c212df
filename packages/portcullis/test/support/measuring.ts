import { context, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
	AggregationTemporality,
	InMemoryMetricExporter,
	MeterProvider,
	PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
	InMemorySpanExporter,
	type ReadableSpan,
	SimpleSpanProcessor,
	TracerProvider,
} from "@opentelemetry/sdk-trace";
import { afterAll } from "vitest";
import type { Telemetry } from "../../src/opentelemetry.ts";
import { openTelemetry } from "../../src/opentelemetry.ts";

/** OpenTelemetry's own SDK, which keeps in memory what it would send. */
export interface Measuring {
	readonly telemetry: Telemetry;
	/** Of the app. */
	readonly tracer: Tracer;
	/** Spans that have ended, oldest first. */
	spans(): readonly ReadableSpan[];
	/**
	 * What was measured so far, each point as its metric, attributes and value; a histogram's value
	 * is how often.
	 */
	points(): Promise<readonly Point[]>;
	/** The points of one metric: attributes that are ours, without their prefix, and the value. */
	counts(metric: string): Promise<readonly string[]>;
	/** All that was exported, as text. */
	text(): Promise<string>;
}

export interface Point {
	readonly metric: string;
	readonly unit: string;
	readonly attributes: Readonly<Record<string, unknown>>;
	readonly value: number;
}

export function startMeasuring(): Measuring {
	const spans = new InMemorySpanExporter();
	const tracerProvider = new TracerProvider({
		spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
	});
	const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
	// Exports when it is asked to: an hour is longer than any test.
	const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
	const meterProvider = new MeterProvider({ readers: [reader] });
	const manager = new AsyncLocalStorageContextManager().enable();
	context.disable();
	context.setGlobalContextManager(manager);
	afterAll(async () => {
		context.disable();
		await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
	});

	const points = async (): Promise<Point[]> => {
		await meterProvider.forceFlush();
		const last = exporter.getMetrics().at(-1);
		return (last?.scopeMetrics ?? []).flatMap(({ metrics }) =>
			metrics.flatMap(({ descriptor, dataPoints }) =>
				dataPoints.map(({ attributes, value }) => ({
					...{ metric: descriptor.name, unit: descriptor.unit, attributes },
					value: typeof value === "number" ? value : value.count,
				})),
			),
		);
	};
	return {
		telemetry: openTelemetry({ tracerProvider, meterProvider }),
		tracer: tracerProvider.getTracer("app"),
		spans: () => spans.getFinishedSpans(),
		points,
		async counts(metric) {
			const found = (await points()).filter((point) => point.metric === metric);
			return found.map(({ attributes, value }) => {
				const named = Object.entries(attributes).map(
					([name, one]) => `${name.replace("portcullis.", "")}=${one}`,
				);
				return `${named.join(" ")}: ${value}`;
			});
		},
		async text() {
			const all = spans.getFinishedSpans().map(({ name, attributes, events, status, links }) => ({
				...{ name, attributes, events, status, links },
			}));
			return JSON.stringify([all, await points()]);
		},
	};
}
