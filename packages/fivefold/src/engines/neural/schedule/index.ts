export { afterMeasurement, definePlateau, PLATEAU_START, type Plateau, type PlateauState } from './plateau.ts'
export { defineSchedule, type Schedule, type ScheduleOptions, scheduleFactor, warmUp } from './schedule.ts'
