# SPDX-License-Identifier: BSD-3-Clause
"""schedules.json: learning rates of keras.optimizers.schedules and of torch.optim.lr_scheduler.OneCycleLR at given steps."""
from common import case, np, use_keras, write

keras, torch = use_keras()
S = keras.optimizers.schedules
STEPS = [*range(0, 45), 49, 50, 51, 60, 75, 99, 100, 101, 120, 155, 1000]
cases = []


def add(name, group, rate, steps=STEPS, **options):
    rates = np.array([float(rate(s)) for s in steps], dtype=np.float64)
    cases.append(case(name, group, None, options, tensors={"step": np.array(steps, dtype=np.float64), "rate": rates}))


def of_keras(name, kind, **options):
    skip = options.pop("skip", ())
    add(name, kind, lambda s: keras.ops.convert_to_numpy(getattr(S, kind)(**options)(np.float64(s))), [s for s in STEPS if s not in skip], **options)


of_keras("exponential", "ExponentialDecay", initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5)
of_keras("exponential_staircase", "ExponentialDecay", initial_learning_rate=0.1, decay_steps=7, decay_rate=0.9, staircase=True)
of_keras("inverse_time", "InverseTimeDecay", initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5)
of_keras("inverse_time_staircase", "InverseTimeDecay", initial_learning_rate=0.1, decay_steps=7, decay_rate=2.0, staircase=True)
of_keras("polynomial", "PolynomialDecay", initial_learning_rate=0.1, decay_steps=40)
of_keras("polynomial_cycle", "PolynomialDecay", initial_learning_rate=0.1, decay_steps=20, end_learning_rate=0.01, power=2.0, cycle=True)
of_keras("piecewise", "PiecewiseConstantDecay", boundaries=[10, 20, 100], values=[0.1, 0.05, 0.01, 0.001])
of_keras("cosine", "CosineDecay", initial_learning_rate=0.1, decay_steps=50)
of_keras("cosine_alpha", "CosineDecay", initial_learning_rate=0.1, decay_steps=40, alpha=0.125)
of_keras("cosine_warmup", "CosineDecay", initial_learning_rate=0.0, decay_steps=50, alpha=0.01, warmup_target=0.1, warmup_steps=12)
# Where a period ends Keras may round to either side: left out.
of_keras("restarts", "CosineDecayRestarts", initial_learning_rate=0.1, first_decay_steps=10, skip=(10, 30, 70, 150))
of_keras("restarts_options", "CosineDecayRestarts", initial_learning_rate=0.1, first_decay_steps=8, t_mul=1.5, m_mul=0.75, alpha=0.125, skip=(8, 20, 38))
of_keras("restarts_even", "CosineDecayRestarts", initial_learning_rate=0.1, first_decay_steps=10, t_mul=1.0, m_mul=0.5)


def one_cycle(name, total_steps, anneal, **options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=total_steps, anneal_strategy="cos" if anneal == "cosine" else anneal,
                                                    cycle_momentum=False, **options)
    rates = []
    for _ in range(total_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    add(name, "OneCycle", lambda s: rates[s], list(range(total_steps)), max_learning_rate=0.1, total_steps=total_steps, anneal=anneal, **options)


one_cycle("one_cycle", 50, "cosine")
one_cycle("one_cycle_linear", 37, "linear", pct_start=0.4, div_factor=10.0, final_div_factor=100.0)
one_cycle("one_cycle_three_phase", 41, "cosine", three_phase=True)

write("schedules", ("keras", "torch"), ["rate is the learning rate at step, which counts from 0.", "Groups are the names of Keras; OneCycle is that of PyTorch without momentum."], cases)
