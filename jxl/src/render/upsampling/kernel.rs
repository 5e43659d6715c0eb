/// Weights of upsampling by one factor.
///
/// Kernels of mirrored places of the square are mirrored too, so the kernels of a quarter of the
/// square suffice. They are stored as weights of sums and differences of samples in mirrored
/// places. Then the four mirrored results are sums of the same four parts with different signs.
pub(crate) struct Weights {
    /// Kernels of a quarter of the square, in raster order; further places are unused.
    kernels: [Kernel; MAX_KERNELS],
    factor: usize,
}

/// Number of kernels of the largest factor.
const MAX_KERNELS: usize = 16;

/// Weights of the products of a vertical and a horizontal combination of five samples: `v0 + v4`,
/// `v1 + v3`, `v2`, `v0 - v4`, `v1 - v3`, in this order.
pub(super) type Kernel = [[f32; 5]; 5];

/// Number of a [`Kernel`]'s combinations that stay the same after mirroring; the others change
/// their sign.
pub(super) const EVEN: usize = 3;

impl Weights {
    /// Makes the kernels from the weights of the image metadata: 15 for a factor of 2, 55 for 4,
    /// 210 for 8. `None` for other counts.
    pub(crate) fn new(weights: &[f32]) -> Option<Self> {
        let half = match weights.len() {
            15 => 1,
            55 => 2,
            210 => 4,
            _ => return None,
        };
        let mut kernels = [Kernel::default(); MAX_KERNELS];
        for (index, place) in kernels[..half * half].iter_mut().enumerate() {
            *place = kernel(weights, half, index);
        }
        Some(Self {
            kernels,
            factor: 2 * half,
        })
    }

    /// The kernels of a quarter of the square, in raster order.
    pub(super) fn kernels(&self) -> &[Kernel] {
        &self.kernels[..self.factor * self.factor / 4]
    }

    pub(crate) fn factor(&self) -> usize {
        self.factor
    }
}

/// The kernel of place `index`, in raster order, of a quarter of `half * half` places.
fn kernel(weights: &[f32], half: usize, index: usize) -> Kernel {
    let (place_y, place_x) = (index / half, index % half);
    let plain: Kernel = std::array::from_fn(|y| {
        std::array::from_fn(|x| weights[triangle(5 * half, 5 * place_y + y, 5 * place_x + x)])
    });
    let rows = plain.map(combine);
    let columns: Kernel = std::array::from_fn(|x| combine(rows.map(|row| row[x])));
    std::array::from_fn(|y| std::array::from_fn(|x| columns[x][y]))
}

/// Weights of five samples as weights of their combinations.
fn combine(w: [f32; 5]) -> [f32; 5] {
    let sum = |a, b| (a + b) * 0.5;
    [
        sum(w[0], w[4]),
        sum(w[1], w[3]),
        w[2],
        sum(w[0], -w[4]),
        sum(w[1], -w[3]),
    ]
}

/// Index of an element of a symmetric matrix whose upper triangle is stored row by row.
fn triangle(size: usize, y: usize, x: usize) -> usize {
    let (y, x) = (y.min(x), y.max(x));
    y * size - y * y.saturating_sub(1) / 2 + x - y
}
