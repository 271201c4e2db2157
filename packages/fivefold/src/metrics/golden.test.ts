// Golden vectors from scikit-learn 1.9.1 and scipy 1.17.1 (Python 3, numpy default_rng(20240607)): every figure below was
// printed by the function of that library that carries the same name, macro averages with average='macro',
// multi_class='ovr'. DeLong variances are the O(mn) definition of DeLong et al. (1988) written out in numpy.
import { describe, expect, it } from 'vitest'
import {
  benjaminiHochberg,
  type ClassificationMetricName,
  chiSquareTest,
  classificationMetric,
  clopperPearsonInterval,
  compareClassification,
  incompleteBeta,
  jensenShannonDistance,
  ksTest,
  linearisedClassification,
  logGamma,
  mcNemarTest,
  measureClassification,
  measureRegression,
  normalCdf,
  normalQuantile,
  rocCurve,
  upperIncompleteGamma,
  varianceOf,
  wassersteinDistance,
  wilsonInterval,
} from './index.ts'
import { kolmogorovSurvival } from './kolmogorov-smirnov.ts'
import type { MetricName, MetricValues } from './names.ts'

const CODES = [
  1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0,
  1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0,
]
const SCORES = [
  0.27, 0.27, 0.26, 0.36, 0.01, 0.37, 0.05, 0.37, 0.27, 0.22, 0.34, 0.84, 0.01, 0.48, 0.24, 0.05, 0.01, 0.01, 0.22,
  0.27, 0.01, 0.3, 0.01, 0.04, 0.35, 0.18, 0.46, 0.01, 0.01, 0.62, 0.3, 0.18, 0.15, 0.34, 0.73, 0.42, 0.01, 0.01, 0.31,
  0.32, 0.24, 0.06, 0.93, 0.18, 0.67, 0.25, 0.73, 0.58, 0.37, 0.43, 0.01, 0.73, 0.18, 0.01, 0.16, 0.2, 0.25, 0.01, 0.28,
  0.19,
]
const BINARY = {
  accuracy: 0.8166666666666667,
  balancedAccuracy: 0.6942544459644322,
  precision: 0.875,
  recall: 0.4117647058823529,
  f1: 0.56,
  rocAuc: 0.7845417236662106,
  prAuc: 0.7047606762003047,
  logLoss: 0.5178696836243273,
  brier: 0.1492433333333333,
}
const MULTI_CODES = [
  2, 1, 0, 0, 1, 1, 0, 0, 2, 0, 2, 1, 0, 2, 0, 0, 2, 1, 1, 0, 1, 0, 0, 2, 0, 2, 1, 2, 0, 0, 0, 2, 2, 1, 0, 2, 2, 0, 0,
  2, 1, 0, 0, 1, 0,
]
const MULTI_PROBABILITIES = [
  0.69, 0.034, 0.276, 0.033, 0.803, 0.164, 0.814, 0.107, 0.079, 0.602, 0.152, 0.246, 0.238, 0.483, 0.279, 0.059, 0.844,
  0.097, 0.911, 0.064, 0.025, 0.387, 0.537, 0.076, 0.118, 0.337, 0.545, 0.368, 0.324, 0.308, 0.035, 0.875, 0.09, 0.101,
  0.804, 0.095, 0.455, 0.095, 0.45, 0.128, 0.251, 0.621, 0.875, 0.049, 0.076, 0.803, 0.127, 0.07, 0.066, 0.219, 0.715,
  0.247, 0.682, 0.071, 0.151, 0.299, 0.55, 0.771, 0.101, 0.128, 0.051, 0.843, 0.106, 0.759, 0.056, 0.185, 0.944, 0.013,
  0.043, 0.421, 0.079, 0.5, 0.845, 0.126, 0.029, 0.173, 0.513, 0.314, 0.188, 0.419, 0.393, 0.071, 0.539, 0.39, 0.47,
  0.376, 0.154, 0.974, 0.017, 0.009, 0.596, 0.053, 0.351, 0.066, 0.219, 0.715, 0.042, 0.812, 0.146, 0.219, 0.313, 0.468,
  0.611, 0.174, 0.215, 0.157, 0.629, 0.214, 0.174, 0.031, 0.795, 0.374, 0.28, 0.346, 0.325, 0.642, 0.033, 0.075, 0.149,
  0.776, 0.343, 0.09, 0.567, 0.423, 0.13, 0.447, 0.684, 0.135, 0.181, 0.592, 0.305, 0.103, 0.449, 0.236, 0.315,
]
const MULTI = {
  accuracy: 0.7111111111111111,
  balancedAccuracy: 0.6773226773226773,
  precision: 0.6787878787878787,
  recall: 0.6773226773226773,
  f1: 0.6737940379403794,
  rocAuc: 0.8491330292800882,
  prAuc: 0.7275848501981058,
  logLoss: 0.7002644042423551,
  brier: 0.41777124444444447,
}
const ACTUAL = [
  4.2, 9.2, 8.3, 31.4, 18.1, 18.2, 16.0, 11.6, 27.7, 7.7, 13.9, 20.5, 13.4, 12.6, 12.5, 40.2, 6.8, 35.8, 37.1, 29.8,
  15.1, 26.5, 28.5, 14.9, 6.6, 18.2, 34.4, 26.6, 4.2, 23.9, 26.5, 4.6, 26.6, 21.2, 25.5, 11.8, 29.1, 15.3, 2.9, 16.3,
]
const PREDICTED = [
  4.5, 9.3, 5.5, 37.2, 20.3, 23.2, 19.0, 12.5, 24.5, 5.6, 18.2, 18.9, 14.5, 13.0, 14.6, 43.2, 6.6, 32.8, 41.9, 24.2,
  12.6, 24.2, 32.1, 12.3, 7.0, 18.2, 31.8, 26.2, 3.4, 25.8, 36.5, 3.8, 25.9, 18.3, 26.9, 10.0, 30.1, 18.3, 2.9, 14.3,
]
const REGRESSION = {
  mae: 2.3050000000000006,
  rmse: 3.026879581351065,
  mape: 0.12694192854636577,
  wape: 0.12232983945867057,
  smape: 0.12728822211198515,
  r2: 0.9081945012519359,
}
const DELONG_VARIANCE = 0.005708929851328435
const OTHER_SCORES = [
  0.1, 0.09, 0.34, 0.73, 0.23, 0.01, 0.52, 0.34, 0.24, 0.01, 0.36, 0.01, 0.99, 0.01, 0.49, 0.17, 0.59, 0.46, 0.99, 0.01,
  0.54, 0.12, 0.01, 0.24, 0.49, 0.62, 0.01, 0.34, 0.47, 0.52, 0.15, 0.18, 0.19, 0.77, 0.3, 0.15, 0.55, 0.16, 0.44, 0.38,
  0.13, 0.33, 0.24, 0.01, 0.01, 0.24, 0.87, 0.64, 0.01, 0.64, 0.01, 0.61, 0.24, 0.22, 0.56, 0.61, 0.05, 0.17, 0.31,
  0.18,
]
const DELONG_PAIRED = { diff: 0.14911080711354308, var: 0.015251610936106061 }
const MCNEMAR_3_11 = 0.057373046875
const KS = {
  a: [0.778, -1.8364, -1.2137, 1.0375, -0.5366, 0.6105, -0.2401, 1.2453, 0.3997, 0.863, -0.3733, -0.9284],
  b: [
    0.3555, -0.0516, 1.0887, 0.7956, 1.4345, -0.2832, 1.1753, 1.2575, 1.5519, 1.4481, 0.0781, 1.4073, 1.0427, 0.0318,
    1.6062,
  ],
  statistic: 0.5166666666666667,
  p: 0.03980496851677361,
}
const KOLMOGOROV = {
  '0.3': 0.9999906941986655,
  '0.7': 0.7112351950296893,
  '1.0': 0.26999967167735456,
  '1.36': 0.049485876755377876,
  '2.5': 7.453306344157342e-6,
}
const CHI_SQUARE = { statistic: 12.478454627133878, p: 0.005911619184206757 }
const FISHER = 0.040559440559440565
const JENSEN_SHANNON = 0.13279453161691743
const WASSERSTEIN = 0.8787683333333332
const ADJUSTED = [
  0.025, 0.1, 0.21000000000000002, 0.21000000000000002, 0.21000000000000002, 0.25, 0.2642857142857143,
  0.49107142857142866, 0.49107142857142866, 0.49107142857142866, 0.49107142857142866, 0.49107142857142866,
  0.49107142857142866, 0.49107142857142866, 0.5328125, 0.5328125, 0.5647058823529413, 0.781578947368421,
  0.781578947368421, 0.8699999999999999, 0.9071428571428571, 0.986, 0.986, 0.986, 0.986,
]
const SPECIAL = {
  cdf: {
    '-8': 6.22096057427174e-16,
    '-1.5': 0.06680720126885807,
    '0.3': 0.6179114221889526,
    '2.2': 0.9860965524865014,
  },
  ppf: {
    '1e-09': -5.9978070150076865,
    '0.01': -2.3263478740408408,
    '0.3': -0.5244005127080409,
    '0.975': 1.959963984540054,
  },
  lgamma: { '0.1': 2.252712651734206, '0.5': 0.5723649429247, '3.7': 1.428072326665388, '150.0': 600.0094705553274 },
  beta: [
    [2, 3, 0.4, 0.5247999999999999],
    [0.5, 0.5, 0.1, 0.20483276469913345],
    [50, 900, 0.06, 0.8457314614416283],
  ],
  gammaincc: [
    [0.5, 0.2, 0.5270892568655381],
    [3, 7.5, 0.020256715056664387],
    [100, 80, 0.9828916869648668],
  ],
}
const WILSON = [0.1811918241010821, 0.5671457233147637]
const CLOPPER_PEARSON = [0.1539092047845412, 0.5921885345328283]
const ROC = [
  [
    0.0, 0.0, 0.0, 0.0, 0.023255813953488372, 0.023255813953488372, 0.023255813953488372, 0.023255813953488372,
    0.046511627906976744, 0.06976744186046512, 0.09302325581395349, 0.11627906976744186, 0.13953488372093023,
    0.16279069767441862, 0.18604651162790697, 0.18604651162790697, 0.20930232558139536, 0.2558139534883721,
    0.27906976744186046, 0.3488372093023256, 0.37209302325581395, 0.4186046511627907, 0.46511627906976744,
    0.4883720930232558, 0.4883720930232558, 0.5116279069767442, 0.6046511627906976, 0.627906976744186,
    0.6511627906976745, 0.6744186046511628, 0.7209302325581395, 0.7441860465116279, 1.0,
  ],
  [
    0.0, 0.058823529411764705, 0.11764705882352941, 0.29411764705882354, 0.29411764705882354, 0.35294117647058826,
    0.4117647058823529, 0.47058823529411764, 0.47058823529411764, 0.47058823529411764, 0.47058823529411764,
    0.5882352941176471, 0.5882352941176471, 0.5882352941176471, 0.6470588235294118, 0.7058823529411765,
    0.7058823529411765, 0.7058823529411765, 0.7058823529411765, 0.7647058823529411, 0.7647058823529411,
    0.7647058823529411, 0.7647058823529411, 0.8235294117647058, 0.8823529411764706, 0.8823529411764706,
    0.8823529411764706, 0.8823529411764706, 0.8823529411764706, 0.8823529411764706, 0.8823529411764706,
    0.8823529411764706, 1.0,
  ],
]

const binarySample = (scores: readonly number[]) => ({
  codes: Int32Array.from(CODES),
  probabilities: Float64Array.from(scores.flatMap((p) => [1 - p, p])),
  classCount: 2,
})
const multiSample = {
  codes: Int32Array.from(MULTI_CODES),
  probabilities: Float64Array.from(MULTI_PROBABILITIES),
  classCount: 3,
}

function expectValues(measured: MetricValues, golden: Record<string, number>): void {
  for (const [name, value] of Object.entries(golden)) {
    const metric = measured[name as MetricName]!
    expect(metric.value, name).toBeCloseTo(value, 12)
    expect(metric.low, name).toBeLessThan(value)
    expect(metric.high, name).toBeGreaterThan(value)
  }
}

describe('metrics as scikit-learn computes them', () => {
  it('for two classes', () => {
    expectValues(measureClassification({ ...binarySample(SCORES), seed: 1 }), BINARY)
    for (const [name, value] of Object.entries(BINARY))
      expect(classificationMetric(name as ClassificationMetricName, binarySample(SCORES))).toBeCloseTo(value, 12)
  })
  it('for three classes', () => {
    expectValues(measureClassification({ ...multiSample, seed: 1 }), MULTI)
    for (const [name, value] of Object.entries(MULTI))
      expect(classificationMetric(name as ClassificationMetricName, multiSample)).toBeCloseTo(value, 12)
  })
  it('for numbers', () => {
    const sample = { actual: Float64Array.from(ACTUAL), predicted: Float64Array.from(PREDICTED) }
    expectValues(measureRegression({ ...sample, seed: 1 }), REGRESSION)
  })
  it('ROC curve', () => {
    const points = rocCurve(Float64Array.from(SCORES), Int32Array.from(CODES), 1000)
    expect(points.map((point) => point.falsePositiveRate)).toEqual(ROC[0])
    expect(points.map((point) => point.truePositiveRate)).toEqual(ROC[1])
  })
})

describe('intervals and comparisons', () => {
  it("DeLong's variance, alone and paired", () => {
    const auc = linearisedClassification('rocAuc', binarySample(SCORES))!
    expect(varianceOf(auc)).toBeCloseTo(DELONG_VARIANCE, 14)
    const paired = compareClassification('rocAuc', binarySample(SCORES), binarySample(OTHER_SCORES))!
    expect(paired.difference).toBeCloseTo(DELONG_PAIRED.diff, 12)
    expect(((paired.high - paired.low) / 2 / normalQuantile(0.975)) ** 2).toBeCloseTo(DELONG_PAIRED.var, 12)
  })
  it('proportions', () => {
    expect(wilsonInterval(7, 20).low).toBeCloseTo(WILSON[0]!, 12)
    expect(wilsonInterval(7, 20).high).toBeCloseTo(WILSON[1]!, 12)
    expect(clopperPearsonInterval(7, 20).low).toBeCloseTo(CLOPPER_PEARSON[0]!, 12)
    expect(clopperPearsonInterval(7, 20).high).toBeCloseTo(CLOPPER_PEARSON[1]!, 12)
  })
  it("McNemar's exact p-value", () => expect(mcNemarTest(3, 11).exactP).toBeCloseTo(MCNEMAR_3_11, 12))
})

describe('tests of two samples as scipy computes them', () => {
  const a = Float64Array.from(KS.a)
  const b = Float64Array.from(KS.b)
  it('Kolmogorov-Smirnov', () => {
    expect(ksTest(a, b).statistic).toBeCloseTo(KS.statistic, 12)
    expect(ksTest(a, b).pValue).toBeCloseTo(KS.p, 12)
    for (const [x, p] of Object.entries(KOLMOGOROV)) expect(kolmogorovSurvival(Number(x))).toBeCloseTo(p, 12)
  })
  it('chi-square', () => {
    const test = chiSquareTest([120, 80, 40, 10], [90, 95, 60, 20])
    expect(test.statistic).toBeCloseTo(CHI_SQUARE.statistic, 10)
    expect(test.pValue).toBeCloseTo(CHI_SQUARE.p, 12)
  })
  it('chi-square by permutation agrees with the exact test of a two by two table', () => {
    const test = chiSquareTest([7, 2], [1, 6], { seed: 3, permutations: 20_000 })
    expect(test.method).toBe('permutation')
    expect(Math.abs(test.pValue - FISHER)).toBeLessThan(0.005)
  })
  it('distances', () => {
    expect(jensenShannonDistance([120, 80, 40, 10], [90, 95, 60, 20])).toBeCloseTo(JENSEN_SHANNON, 12)
    expect(wassersteinDistance(a, b)).toBeCloseTo(WASSERSTEIN, 12)
  })
  it('Benjamini-Hochberg', () => {
    // p-values of the worked example in McDonald, Handbook of Biological Statistics.
    const pValues = [
      0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341,
      0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986,
    ]
    benjaminiHochberg(pValues).forEach((adjusted, i) => {
      expect(adjusted).toBeCloseTo(ADJUSTED[i]!, 12)
    })
  })
})

describe('special functions', () => {
  it('normal distribution', () => {
    for (const [x, p] of Object.entries(SPECIAL.cdf)) expect(normalCdf(Number(x)) / p).toBeCloseTo(1, 11)
    for (const [p, x] of Object.entries(SPECIAL.ppf)) expect(normalQuantile(Number(p))).toBeCloseTo(x, 9)
  })
  it('gamma and beta', () => {
    for (const [x, value] of Object.entries(SPECIAL.lgamma)) expect(logGamma(Number(x))).toBeCloseTo(value, 10)
    for (const [p, q, x, value] of SPECIAL.beta) expect(incompleteBeta(p!, q!, x!)).toBeCloseTo(value!, 12)
    for (const [p, x, value] of SPECIAL.gammaincc) expect(upperIncompleteGamma(p!, x!)).toBeCloseTo(value!, 12)
  })
})
