export { isMetricName, METRIC_NAMES, METRICS, type MetricName, type MetricValue, type MetricValues } from './names.ts'
