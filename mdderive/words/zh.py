"""Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from . import Said, Text

BETWEEN_REASONS = "、"
MARKS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3040-\u30ff]")
_WORD = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u052f]+")


def recognises(prose: str) -> bool:
    """Whether a page has more Chinese characters than words of letters, and few Japanese ones."""
    chinese = len(MARKS.findall(prose))
    return 4 * len(_KANA.findall(prose)) <= chinese and chinese > len(_WORD.findall(prose))


def listed(parts: Sequence[str]) -> str:
    """Return `a、b 和 c`."""
    return " 和 ".join(["、".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _rules(names: Sequence[Said]) -> Iterator[str]:
    """Yield `矩阵乘法、转置法则` for `矩阵乘法法则`, `转置法则`; other names behind."""
    names = [*dict.fromkeys(names)]
    rules = [x for x in names if x.endswith("法则")]
    for k, x in enumerate(rules, 1):
        stem = x.removesuffix("法则").strip()
        ending = "" if k < len(rules) else " 法则" if stem.isascii() else "法则"
        yield Said(stem + ending, x.about)
        yield "" if k == len(rules) else "、"
    others = [x for x in names if not x.endswith("法则")]
    for k, x in enumerate(others):
        yield "、" if rules or k else ""
        yield x


def _varying(varying: Sequence[str], constant: Sequence[str]) -> str:
    if not 0 < len(constant) <= 3:
        return f"求微分，只有 {listed(varying)} 是变量："
    zero = "，".join(rf"$\mathrm{{d}}{x}=0$" for x in constant)
    return f"求微分，其中 ${','.join(constant)}$ 是常量，{zero}："


def _moved(cyclic: Said, right: str) -> tuple[str, Said, str]:
    return "由 ", cyclic, f"，将 ${right}$ 换到最左边"


def _with_properties(shape: str, properties: Sequence[str]) -> str:
    """Return `$A\\in ..$ 为对称矩阵`; a property that is a clause of its own stands without 为."""
    nouns = [x for x in properties if not x.startswith("各")]
    clauses = [x for x in properties if x.startswith("各")]
    return "，".join([f"{shape} 为{'、'.join(nouns)}"] * bool(nouns) + clauses if nouns else [f"{shape} {clauses[0]}"])


def _in_turn(count: int) -> str:
    return f"由第{'、'.join('一二三四'[:count])}项分别得到" if 1 < count <= 4 else "由各项分别得到"


def _in_terms_of(names: str, equations: Sequence[str]) -> str:
    short = len(equations) == 1 and len(equations[0]) <= 24
    return f"代入 {equations[0]}" if short else f"用 ${names}$ 表示"


def _setting(multiplied: Sequence[str]) -> str:
    return "，".join(("令梯度为零", *multiplied))


def _zero(multiplied: Sequence[str], name: str, equation: str, stacked: str = "") -> str:
    written = f"，向量化后即 {stacked}" if stacked else ""
    return f"{_setting(multiplied)}，得{name} {equation}{written}，从而"


def _after(multiplied: Sequence[str]) -> str:
    return f"{'，'.join(multiplied)}，" if multiplied else ""


def _verdicts() -> Iterator[tuple[str, str]]:
    """Yield the sentences on what a stationary point is, by their keys."""
    for word, convex, least in (("minimum", "凸", "小"), ("maximum", "凹", "大")):
        why = "二阶导数处处{bent}，故 ${name}$ 是"
        yield f"strictly convex: {word}", f"{why}严格{convex}函数，此驻点是唯一的最{least}值点。"
        for ending in ("subject to", "subject to several"):
            subject = f"又约束是线性的，故此点是约束下唯一的最{least}值点。"
            yield f"strictly convex: {word} {ending}", f"{why}严格{convex}函数；{subject}"
        for key, start in (("convex", why), ("convex by composition", f"由{convex}函数的复合法则，${{name}}$ 是")):
            yield f"{key}: {word}", f"{start}{convex}函数，驻点都是全局最{least}值点。"
            yield f"{key}: {word}, unique", f"{start}{convex}函数，驻点都是全局最{least}值点，且此驻点唯一。"
            yield f"{key}: {word}, unique then", f"{start}{convex}函数，驻点都是全局最{least}值点；在此条件下驻点唯一。"
            subject = f"又约束是线性的，故此点是约束下的全局最{least}值点。"
            yield f"{key}: {word} subject to", f"{start}{convex}函数；{subject}"
            yield f"{key}: {word} subject to several", f"{start}{convex}函数；{subject}"
        yield f"definite there: {word}", f"在该点处二阶导数{{bent}}，故为极{least}值点。"
        yield (
            f"polar factor: {word}",
            f"由 ${{variable}}^\\top {{variable}}=I$，${{name}}$ 等于 ${{linear}}$ 加一个常数。"
            f"设奇异值分解 ${{matrix}}=U\\Sigma V^\\top$，则在 $UV^\\top$（即极分解的正交因子）处取得全局最{least}值：",
        )
        yield (
            f"polar factor of a vector: {word}",
            f"在单位球面上，${{name}}$ 等于 ${{linear}}$ 加一个常数。由 Cauchy–Schwarz 不等式，"
            f"沿 ${{matrix}}$ 的方向取得全局最{least}值：",
        )


def _checked(lines: int, points: int, sizes: Sequence[str], solved: int, bound: str) -> str:
    where = f"取 {'，'.join(sizes)}，" if sizes else ""
    what = f"逐行验证（共 {lines} 行）{'，并验证驻点' * bool(solved)}" if lines else "验证驻点"
    return f"数值检验：{where}在 {points} 个随机点上{what}，相对误差小于 ${bound}$。"


def _checked_exactly(lines: int, of: int, sizes: Sequence[str], small: Sequence[str], solved: int, bound: str) -> str:
    what = f"共 {lines} 行" if lines == of else f"{of} 行中的 {lines} 行"
    told = [f"取 {' 与 '.join(sizes)}"] * bool(sizes) + list(small)
    where = "，".join([*told, "在素数域上逐行验证"])
    return f"精确检验：{where}（{what}）{'，并验证驻点' * bool(solved)}；若某一行有误，仍能通过的概率小于 ${bound}$。"


_TOEP = r"$\operatorname{toep}(G)$ 的每个元素是 $G$ 沿其所在对角线之和"


def _at(places: Sequence[str], order: int, bent: str = "") -> str:
    """Return which derivative decides at the places."""
    which = "二阶导数" if order == 2 else f"首个不为零的导数是 {order} 阶导数{'，其值' * bool(bent)}"
    return f"在 {listed(places)} 处，{which}{bent}"


TEXTS: Mapping[str, Text] = {
    # what stands beside the rows
    "rules": _rules,
    "rules, where": lambda names, conditions: (*_rules(names), f"（{'，'.join(conditions)}）"),
    "constant": "常量",
    "matrix form": "写成矩阵形式",
    "logarithm of a product": "对数的运算法则",
    "trace of a scalar": "标量套上迹",
    "scalar transposed": "标量等于其转置",
    "exchange": "交换迹与求和",
    "under the sum": "并入求和号内",
    "cyclic": "迹内循环交换",
    "cyclic, moved": _moved,
    "collect": "合并同类项",
    "linear trace": "迹的线性",
    "rearrange": "整理",
    "as a power": "将相同的因子写成幂",
    "distributed": "展开",
    "multiplied out": "展开并合并同类项",
    "simplified": "化简",
    "deviations": "离差之和为零",
    "same family": "求和指标换名",
    "definition of": "代入 ${name}$",
    "in terms of": _in_terms_of,
    "scalar last": "标量因子移到最右边",
    "noted": "用上面的等式",
    # the statement
    "statement lead": "解：",
    "statement": "设 {equation}。",
    "statement with shapes": lambda equation, shapes: f"设 {equation}，其中 {'，'.join(shapes)}。",
    "shape with properties": _with_properties,
    "gap": "",
    "constraints": lambda equations: f"约束条件为 {'，'.join(equations)}。",
    "f is a vector": "由于 ${name}$ 是向量，其导数是矩阵。",
    "f is a matrix": r"由于 ${name}$ 是矩阵，求 $\operatorname{vec}({name})$ 的导数。",
    "means": lambda equations: f"这里 {'，'.join(equations)} 是样本均值。",
    "conjugates": "星号表示复共轭，{turned} 为 {conjugate} 的转置；"
    "对 {conjugate} 求导时把 {letter} 视为常量（Wirtinger 导数），"
    "若 $f$ 为实值，则关于实部与虚部的梯度为其两倍。",
    "holomorphic": lambda letters, conjugate: (
        f"{conjugate} 的星号表示复共轭；$f$ 关于 {listed(letters)} 是全纯函数，求的是复导数。"
    ),
    "expectation": "期望对随机量 {letters} 取，其余字母均非随机。",
    "integral": "在积分号内，只有 {letters} 随积分变量变化，其余字母均视为常数。",
    "acts": "这里 {name} 逐元素作用。",
    "abbreviations": lambda equations: f"记 {'，'.join(equations)}。",
    "functions": "函数 {names} 逐元素作用。",
    "defined function": "函数 {letter} 逐元素作用，{value}，{slope}。",
    "eigenvectors": lambda vectors, equations: (
        f"记 {listed(vectors)} 为单位特征向量，{'，'.join(equations)}，"
        f"并设{'该' if len(vectors) == 1 else '两个'}特征值为单特征值。"
    ),
    "singular vectors": "记 {u}、{v} 为相应的单位奇异向量，{first}，{second}，并设该奇异值为单奇异值且不为零。",
    "vector function": "函数 {function} 可微，其 Jacobi 矩阵记为 {slope}。",
    "number function": "函数 {function} 可微，其梯度记为 {slope}。",
    "matrix function": "函数 {function} 可微，其偏导数记为 {slope}。",
    "curve": "函数 {function} 可微，其导数记为 {slope}。",
    "letter of its own": "求导时把 {letters} 看作一个独立的变量。",
    "digamma": "记双伽玛（digamma）函数为 {equation}。",
    "logistic": "记 logistic 函数为 {equation}。",
    # the rows
    "define": lambda equations: f"定义 {'，'.join(equations)}。",
    "factors": lambda equations: f"乘积的因子较多，依次记前若干个因子之积为 {'，'.join(equations)}。",
    "layers": lambda equations: f"函数嵌套较深，由内向外逐层记 {'，'.join(equations)}。",
    "rewrite": "先改写 ${name}$：",
    "rewrite, noting": "先改写 ${name}$，注意 {facts}：",
    "define every step": lambda equations, steps: f"对 {steps} 定义 {'，'.join(equations)}。",
    "altogether": "综上，",
    "altogether, backwards": (
        "由于 {state} 既直接影响 ${name}$，又通过 {following} 影响 ${name}$，从最后一步逐步向前递推，得"
    ),
    "altogether, only backwards": "由于 {state} 通过 {following} 影响 ${name}$，从最后一步逐步向前递推，得",
    "altogether, in turn": "综上，依次求得",
    "differential": "求微分：",
    "noting": "注意 {facts}。",
    "differential, varying": _varying,
    "differential of": "再求 {equation} 的微分：",
    "composite rule": "再由 {equation}，使用复合法则，含 {moved} 的项化为",
    "substituting": "将 {equation} 代入含 {moved} 的项（复合法则），得",
    "not as for numbers": "标量求导的结论不能随意套用于矩阵（例如认为 $AX$ 对 $X$ 的导数为 $A$ 是没有根据的），"
    "因此从微分出发并作向量化。",
    "constants stay": "注意不能写成 {equation}：常数矩阵可以提到微分号之外，却不能提到求导号之外。",
    # reading off
    "in layout": "{pattern}（{layout}）",
    "numerator layout": "分子布局",
    "denominator layout": "分母布局",
    "comparing": "对照导数与微分的联系 {pattern}，得到",
    "comparing, symmetric": "对照导数与微分的联系 {pattern}，并注意 {letters} 对称，转置不变，得到",
    "comparing, symmetric by form": "对照导数与微分的联系 {pattern}，并注意这里的矩阵对称，转置不变，得到",
    "from the term": "从含 {terms} 的项得到",
    "as in": "按 {pattern}，从含 {terms} 的项得到",
    "with earlier terms": "与前面含 {terms} 的项合并，得",
    "and so": "得到",
    "in turn": _in_turn,
    "chain rule": "由链式法则，",
    "chain rule, why": "将微分代入，由 {equation} 得到链式法则。注意不能照搬标量的链式法则：矩阵乘法不可交换，"
    "{place}层函数的导数在前。",
    "inner": "内",
    "outer": "外",
    "so": "于是",
    # the second derivative
    "second lead": "二阶导数：",
    "second": "对梯度再求一次微分：",
    "second, comparing": "与 {pattern} 对照，得到",
    "by form": "由表达式可见它{what}。",
    "symmetric": "是对称的",
    "symmetric and": "对称且{bent}",
    "symmetric, since": "由 {rule} 知它对称。",
    "symmetric, always": "它是对称的，二阶导数都是如此。",
    "positive definite": "正定",
    "positive semidefinite": "半正定",
    "negative semidefinite": "半负定",
    "negative definite": "负定",
    "positive": "为正",
    "nowhere negative": "非负",
    "nowhere positive": "非正",
    "negative": "为负",
    # structures
    "structure lead": "考虑结构约束时的导数：",
    "structure": "这里 ${variable}$ {reason}，按独立变化的元素求导得",
    "diagonal": "是对角矩阵，只有对角元素是变量",
    "is symmetric": "是对称矩阵，元素 $(i,j)$ 与 $(j,i)$ 同时变化，对角元素单独变化",
    "lower triangular": "是下三角矩阵，只有该三角内的元素是变量",
    "upper triangular": "是上三角矩阵，只有该三角内的元素是变量",
    "Toeplitz": f"是 Toeplitz 矩阵，同一条对角线上的元素同时变化；{_TOEP}",
    "symmetric Toeplitz": f"是对称 Toeplitz 矩阵，对角线及其对称位置上的元素同时变化；{_TOEP}",
    "skew-symmetric": "是反对称矩阵，元素 $(j,i)$ 与 $(i,j)$ 反向变化",
    # the stationary point
    "stationary lead: point": "驻点：",
    "stationary lead: point in": "关于 ${variable}$ 的驻点：",
    "stationary lead: points": "驻点：",
    "stationary lead: points in": "关于 ${variable}$ 的驻点：",
    "no zero": "未能求出使该梯度为零的 ${variable}$ 的显式表达式。",
    "no zero subject to": "未能求出约束下驻点 ${variable}$ 的显式表达式。",
    "others fixed": "以上均就其余变量固定而言。",
    "zero": _zero,
    "zero at once": lambda multiplied: f"{_setting(multiplied)}，得到",
    "normal equations": "正规方程",
    "quadratic equation": "二次方程",
    "multiplied": "两边乘以 ${factor}$",
    "divided": "两边除以 ${factor}$",
    "exponentials taken": "两边取指数",
    "multiplied on both sides": "两边同时左乘、右乘 ${factor}$",
    "multiplied on the left": "左乘 ${factor}$",
    "multiplied on the right": "右乘 ${factor}$",
    "multiplied entry by entry": "两边逐元素乘以 ${factor}$",
    "part that vanishes": "这里 ${variable}$ {reason}，只需对这些元素的导数为零。",
    "provided that": lambda conditions: f"这里要求 {'，'.join(conditions)}。",
    "condition: invertible": "${of}$ 可逆",
    "condition: full column rank": "${of}$ 列满秩",
    "condition: full row rank": "${of}$ 行满秩",
    "condition: positive definite": "${of}$ 正定",
    "condition: positive": "${of}$ 为正",
    "condition: probability": "${of}$ 的元素均非负，即为概率向量",
    "condition: not zero": "${of}$ 不为零",
    "condition: no zero entry": "${of}$ 的元素均不为零",
    "condition: no zero column": "${of}$ 没有零列",
    **dict(_verdicts()),
    "saddle": "二阶导数关于 ${up}$ 正定，关于 ${down}$ 负定，故为 ${name}$ 的鞍点。",
    # several stationary points, or none
    "there provided that": lambda places, conditions: f"其中 {listed(places)} 要求 {'，'.join(conditions)}。",
    "places: minimum": lambda places, bent, order: f"{_at(places, order, bent)}，故为极小值点。",
    "places: maximum": lambda places, bent, order: f"{_at(places, order, bent)}，故为极大值点。",
    # kinks
    "least at a kink": "${name}$ 是凸函数，{where}不可导，但有次梯度，其中{may}。次梯度可取零之处即为最小值点，"
    "故唯一的最小值点为",
    "kink: number": "在 ${kink}=0$ 处",
    "kink: entries": "在 ${kink}$ 有零元素处",
    "subgradient: sign": " ${slope}$ 可取 $[-1,1]$ 中的任意值",
    "subgradient: step": " ${slope}$ 可取 $[0,1]$ 中的任意值",
    "subgradient: norm, of a vector": " ${slope}$ 可换成范数不超过 $1$ 的任意向量",
    "subgradient: norm, of a matrix": " ${slope}$ 可换成范数不超过 $1$ 的任意矩阵",
    "numbers: members": "各 ${of}$ ",
    "numbers: entries": " ${of}$ 的各元素",
    "least at medians": "${name}$ 是凸函数，次梯度可取零之处即为最小值点，即在{numbers}中，小于 "
    "${variable}$ 的与大于 ${variable}$ 的都不超过半数。故最小值点就是{numbers}的中位数。",
    "least at quantiles": "${name}$ 是凸函数，次梯度可取零之处即为最小值点，即在{numbers}中，小于 ${variable}$ 的"
    "所占比例不超过 ${level}$，大于 ${variable}$ 的所占比例不超过 ${rest}$。"
    "故最小值点就是{numbers}的 ${level}$ 分位数。",
    "stationary along": "令梯度为零，得 ${equation}$，故 ${variable}$ 是 ${multiple}$ 的倍数。"
    "${variable}$ 乘以正数时 ${name}$ 不变；"
    "由 Cauchy–Schwarz 不等式，${name}$ 在 ${multiple}$ 的正数倍处取最大值，在负数倍处取最小值。",
    "requires": lambda conditions: f"这里要求 {'，'.join(conditions)}。",
    "places: saddle": lambda places: f"在 {listed(places)} 处，二阶导数不定，故为鞍点。",
    "extremes on a compact set": lambda name, greatest, least: (
        f"满足约束的点构成有界闭集，${name}$ 在其上必取得最大值与最小值，且必在驻点处取得："
        f"在 {listed(greatest)} 处取最大值，在 {listed(least)} 处取最小值。"
    ),
    "inflection": lambda places, order: f"{_at(places, order)}，阶数为奇数，故不是极值点。",
    "no real solution": "令梯度为零，得 ${equation}$，此方程没有实数解，故 ${name}$ 没有驻点。",
    "no positive solution": "令梯度为零，得 ${equation}$，此方程没有正数解，故 ${name}$ 没有驻点。",
    "no solution in the domain": "令梯度为零，得 ${equation}$，但在其各解处 ${name}$ 不可导，故没有驻点。",
    "derivative has one sign": "导数处处{sign}，故 ${name}$ 没有驻点。",
    "gradient constant": "梯度与 ${variable}$ 无关，除非 ${value} = {zero}$，否则 ${name}$ 没有驻点。",
    # several equations
    "zeros": "令各梯度为零，得方程组",
    "lagrangian": "作 Lagrange 函数 {equation}，令其梯度为零，连同约束得方程组",
    "equation: numbered": lambda number: f"第{'一二三四五六七八九十'[number - 1] if number <= 10 else f' {number} '}式",
    "equation: only": "该式",
    "move: by equation": lambda multiplied, place, equation: f"由{place}，{_after(multiplied)}得 {equation}，从而",
    "move: by equation at once": lambda multiplied, place: f"由{place}{'，' * bool(multiplied)}{_after(multiplied)}得",
    "move: inserted": lambda multiplied, place, equation: f"代入{place}，{_after(multiplied)}得 {equation}，从而",
    "move: inserted at once": lambda multiplied, place: f"代入{place}，{_after(multiplied)}得",
    "block form": "写成分块矩阵的形式，即",
    "pair inserted": "代入其余各式，得",
    "pair ordered": "按未知数整理，得",
    "pair": "由 Cramer 法则得",
    "inserted back": "回代，得",
    "several inserted back": "分别代入其余各式，得",
    "left in one number": "代入{place}，得到只含 ${unknown}$ 的方程，未能求出其显式解：",
    "several solutions": "这个方程组的解为",
    # eigenvectors
    "eigen: equation": "特征值方程",
    "eigen: generalised": "广义特征值方程",
    "eigen: at once": "令梯度为零，得{kind}",
    "eigen: first": "第一式即{kind}",
    "eigen: inserted": "代入下一式，得{kind}",
    "eigen: with": "式中 {equation}。",
    "eigen: extremes": "在特征向量处 ${name}$ 等于相应的特征值 ${value}$，故最大、最小特征值分别是 ${name}$ 的最大、"
    "最小值。",
    "eigen: columns": r"此时 ${name}=\operatorname{tr}({values})$：各列张成最大的若干特征值对应的特征子空间时取最大值，"
    "张成最小的若干特征值对应的特征子空间时取最小值。",
    "eigen: direction": "左边是 ${column}$ 的倍数，故非零特征值对应的特征向量是 ${multiple}$ 的倍数。",
    # the check
    "checked": _checked,
    "checked, written out": lambda steps: f"检验时将递推式按 {' 与 '.join(steps)} 展开。",
    "checked exactly": _checked_exactly,
    "exactly": lambda lines, bound: f"第 {lines} 行在素数域上精确检验，出错概率 {bound}",
    "points": "{points} 个随机点，随机种子 {seed}",
    "sizes": "尺寸 {sizes}",
    "stand-in": "以 {small} 代 {size}",
    "compared with": "与{method}的数值导数比较",
    "complex step": "复步长法",
    "differences": "外推中心差分法",
    "error of lines": "第 {lines} 行的相对误差：{bound}",
    "facts": lambda facts: f"{'；'.join(facts)}。",
    # the site
    "show": "推导",
    "exercise": "练习",
    "fold": "解答",
    "steps": "分步解答",
    "result": "结果",
    "next line": "下一行",
    "find": "求 {names}。",
    "why of": "为什么？{rule}",
    "whys": "这些法则为何成立",
    "show sizes": "尺寸",
    "sizes fit": "尺寸相符：{sizes}。",
    "graph": "计算图",
    "part of": "下面这一部分与{link}相同。",
    "graph told": "计算图：{edges}；导数沿同样的边反向传递。",
    "example": "一个数值例子",
    "example point": "例如，取",
    "example formula": "由公式",
    "example quotient": "差商，{step}",
    "example quotients": "差商：各元素逐个增加 {step}",
    "example errors": "差商的相对误差随步长 $h$ 的变化，其中 {f} 的每个值都舍入到单精度（24 位）。{shape}",
    "example valley": "$h$ 由大到小，截断误差随 $h$ 减小，舍入误差则按 $1/h$ 增大；本例中误差约在 {step} 处最小。",
    "example linear": "本例中 {f} 对每个元素都是线性的，没有截断误差，只有按 $1/h$ 增大的舍入误差。",
    "example plot": "误差随步长 h 变化的双对数图：步长最大时为 {first}，步长为 {step} 时最小，为 {least}，"
    "步长最小时为 {last}。",
    "step": "步长",
    "rounding": "舍入误差",
    "truncation": "截断误差",
    "link to": "{name}的链接",
    "previous exercise": "上一题：{name}",
    "next exercise": "下一题：{name}",
    "block lead": "{title}：",
    "numbered": "{called} {number}",
    "numbered with title": "{called} {number}（{title}）",
    "index": "推导索引",
    "index: function": "函数",
    "index: by": "对哪个变量求导",
    "index: where": "位置",
    "index: status": "状态",
    "index: checked": "已验证",
    "index: hidden": "已验证，不显示",
    # the playground
    "play: title": "mdderive：试算页",
    "play: heading": "一步一步求梯度",
    "play: about": "用 LaTeX 输入函数，并指明对什么求导；答案的每一行都经过验证。",
    "play: f": "函数",
    "play: variable": "对……求导",
    "play: clauses": "已知条件（子句）",
    "play: clauses help": "例如 X: m x n; A: 对称; solve",
    "play: language": "语言",
    "play: detail": "详略",
    "play: full": "每一步",
    "play: brief": "简略",
    "play: result": "仅结果",
    "play: examples": "例题",
    "play: choose": "选一道例题……",
    "play: article": "微分法五例",
    "play: asked": "常见问题",
    "play: read as": "读作：",
    "play: solution": "解答",
    "play: source": "取用",
    "play: copy": "复制",
    "play: copy address": "复制网址",
    "play: copied": "已复制",
    "play: not copied": "复制失败",
    "play: loading": "正在下载 Python，约 {size} MB，只需一次……",
    "play: starting": "正在启动推导引擎……",
    "play: working": "正在推导……",
    "play: ready": "就绪。",
    "play: offline": "就绪；离线也可使用。",
    "play: failed": "推导引擎无法启动：{reason}",
    "play: crashed": "这是 mdderive 的错误：{reason}",
    "play: empty": "请输入函数和自变量，或选一道例题。",
    "play: where": "出错处：",
    "play: more": "关于 {code}",
    "play: stop": "停止",
    "play: stopped": "已停止。",
    "play: scroll": "公式",
    "play: floating": "这一推导的各行只能用浮点数验证，需要 numpy，而本页没有",
    "play: install": "可在自己的电脑上运行：pip install mdderive，然后 mdderive play",
    "play: no point": "这里不给出驻点：驻点须用浮点数验证，需要 numpy，而本页没有。"
    "在自己的电脑上运行 mdderive play 即可看到。",
    "play: your answer": "你的答案",
    "play: check": "检查",
    "play: try": "试一试：修改函数，再求导",
    "play: derive": "求导",
    # exercises that answer back
    "judged: right": "正确。",
    "judged: layout": "在另一种布局下正确：这是所求结果的转置。",
    "judged: symmetric": "仅当 {letter} 对称时才正确，而题目没有这一条件。",
    "judged: wrong": "不正确。",
    "judged: wrong shape": "不正确：它的形状与导数的形状不同。",
    "judged: wrong entry": "不正确：取 {sizes} 时，第一个不同的元素在第 {row} 行第 {column} 列。",
    "judged: wrong row": "不正确：取 {sizes} 时，第一个不同的是第 {row} 个元素。",
    "judged: unread": "看不懂这个式子。",
    "judged: unread shapes": "其中的形状不匹配。",
    "judged: undecided": "本页的检验无法判定它是否正确，请与解答对照。",
    "judged: empty": "请先输入公式。",
    # the pages of the rules
    "rules: title": "法则",
    "rules: about": "本课程的推导从一行到下一行所用的法则。",
    "rules: of operator": "法则：{rule}",
    "rules: one of several": "{rule}（{operator}）",
    "rules: why": "**理由：** {why}",
    "rules: linear": "该运算对每个自变量都是线性的。每次只让一个自变量变化；两个以上同时变化的项是高阶小量，可略去。",
    "rules: others": "证明见出处。下例的每一行都在生成本页时与数值导数作过比较。",
    "rules: used": "常与之同用：{fact}。",
    "rules: example": "例",
    "rules: source": "出处：{sources}.",
    "moves": "迹技巧",
    "moves within": "迹技巧",
    "moves: about": r"标量等于它的迹，而迹内的因子可以移动。于是把其余因子都移到 $\mathrm{d}X$ 左侧，导数便可读出。",
    "moves: move": "{name}：",
    "moves: transpose": "迹内可转置",
    "moves: factor": "逐元素因子可换边",
    "moves: why": r"理由：$\operatorname{tr}(AB)=\operatorname{tr}(BA)$ 两边都等于 $\sum_{i,j}A_{ij}B_{ji}$；"
    r"最后一式两边都等于 $\sum_{i,j}A_{ij}B_{ij}C_{ij}$。",
    "identities": "先用来改写 $f$ 的恒等式",
}
