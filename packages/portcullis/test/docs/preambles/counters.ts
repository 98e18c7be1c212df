declare function count(name: string, labels: Record<string, string | number | undefined>): void;
